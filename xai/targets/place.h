// A place in the network whose value is moved along paths and differentiated: the token embeddings,
// or a site with a vector per token. Path and gradient methods are written once over places.
#pragma once

#include "xai/targets/scorer.h"

#include <functional>
#include <span>

namespace driftlens {

// The target at some points and how it changes there.
struct PointGradients {
    at::Tensor values;     // float64 [rows]
    at::Tensor gradients;  // [rows, size] in the compute type
};

// Points are [rows, size]: the place's whole value, flattened. Belongs to one thread, like its
// scorer, which it borrows.
class Place {
public:
    // The embeddings of the text's tokens and of the model's virtual tokens.
    static Place embeddings(Scorer& scorer, const at::Tensor& ids);
    // A site of the pass over that text. Throws Error(Usage) for a site without a vector per token.
    static Place site(Scorer& scorer, SiteId site, const at::Tensor& ids);

    // Where the place is for the text itself; [1, size].
    const at::Tensor& here() const { return m_here; }
    // And for other embeddings of as many tokens; [rows, size].
    at::Tensor at(const EmbeddedInput& embedded) const;

    at::Tensor values(const at::Tensor& points) const;  // float64 [rows]
    PointGradients gradientsAt(const at::Tensor& points) const;

    // The columns of the scorer: the target, then a continuation's tokens where they are asked for.
    std::int64_t columns() const { return m_scorer->columns(); }
    at::Tensor columnValues(const at::Tensor& points) const;  // float64 [rows, columns]
    // Calls use(column, gradients [rows, size]) for each; one column's gradients are in memory at a
    // time. Returns the values, float64 [rows, columns].
    using UseGradients = std::function<void(std::int64_t column, const at::Tensor& gradients)>;
    at::Tensor visitGradients(const at::Tensor& points, const UseGradients& use) const;

    // Of a site, for these embeddings: use(column, where it is [rows, size], gradients there).
    using UseSite = std::function<void(std::int64_t column, const at::Tensor& here,
                                       const at::Tensor& gradients)>;
    at::Tensor visitGradientsFor(const EmbeddedInput& embedded, const UseSite& use) const;

    // float64 [1, size] → per column of the text, of the virtual tokens and of what follows the
    // text (a forced continuation): the sum, or a norm, over the column's entries.
    enum class Reduction { Sum, L2, L1 };
    struct Columns {
        std::vector<double> tokens, virtualTokens;
        double rest = 0.0;  // of the continuation's own columns
    };
    Columns columnsOf(const at::Tensor& parts, Reduction reduction) const;
    // Of a site: [1, size] ↔ [columns, width], and a value per column to where it belongs.
    at::Tensor byColumn(const at::Tensor& point) const;
    Columns columnsOf(const at::Tensor& perColumn) const;

    bool isEmbeddings() const { return !m_site; }
    Scorer& scorer() const { return *m_scorer; }
    const EmbeddedInput& text() const { return m_text; }

private:
    explicit Place(Scorer& scorer) : m_scorer(&scorer) {}

    // columns() times [rows].
    std::vector<at::Tensor> run(const at::Tensor& points, bool keepGraph) const;

    Scorer* m_scorer;
    EmbeddedInput m_text;  // one row
    std::optional<SiteId> m_site;
    std::vector<std::int64_t> m_siteShape;  // of one row
    bool m_headsFirst = false;              // [heads, columns, head_dim]
    at::Tensor m_here;
};

std::vector<double> doublesOf(const at::Tensor& values);  // in their order

// Sites that have a vector per token.
bool hasVectorPerToken(SiteKind kind);

}  // namespace driftlens
