#include "xai/methods/presets.h"

#include "core/base/error.h"
#include "core/base/parameters.h"
#include "core/base/text.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::string_view kOwnDraws =
    "Draws are ours (counter-based), so that equal seeds give other texts than the library's.";
constexpr std::string_view kInseqShares =
    "Inseq explains the probability: --quantity. The shares of each answer token are ours of the "
    "prompt; Inseq's count the answer's earlier tokens too.";
constexpr std::string_view kEveryPosition =
    "Captum has no special tokens: the baseline stands at every position.";

// Captum 0.9.0; Inseq 0.7.1; shap 0.51.0; lime 0.2.0.1.
constexpr std::array<PresetRow, 21> kPresets = {{
    {"captum", "saliency", "reduce=l1,normalise=no",
     "Captum gives |gradient| per entry; l1 is its sum over the hidden axis."},
    {"captum", "input_x_gradient", "site=embeddings,reduce=sum,normalise=no", ""},
    {"captum", "integrated_gradients",
     "nodes=50,rule=gauss_legendre,weights=captum,tolerance=0,baseline=zero,special=replace,"
     "reduce=sum,normalise=no",
     kEveryPosition},
    {"captum", "layer_integrated_gradients",
     "nodes=50,rule=gauss_legendre,weights=captum,tolerance=0,baseline=zero,special=replace,"
     "reduce=sum,normalise=no",
     kEveryPosition},
    {"captum", "smoothgrad",
     "samples=5,noise=1,noise_unit=absolute,inner=integrated_gradients,nodes=50,special=replace",
     "Draws are ours (counter-based), so that equal seeds give other noise than torch's."},
    {"captum", "vargrad",
     "samples=5,noise=1,noise_unit=absolute,inner=integrated_gradients,nodes=50,special=replace",
     "Draws are ours (counter-based), so that equal seeds give other noise than torch's."},
    {"captum", "gradient_shap",
     "samples=5,noise=0,noise_unit=absolute,stratified=no,baseline=zero,special=replace",
     "Draws are ours (counter-based), so that equal seeds give other samples than torch's."},
    {"captum", "layer_conductance",
     "nodes=50,convention=captum,rule=gauss_legendre,baseline=zero,special=replace",
     kEveryPosition},
    {"captum", "grad_cam", "relu=no",
     "Captum averages over the axes behind the second; ours over tokens, as if it were given "
     "[batch, hidden, tokens]."},
    {"captum", "occlusion", "replace=pad,special=replace",
     "Captum's feature ablation replaces with id 0 unless told otherwise; ours with the pad "
     "token."},
    {"captum", "lime",
     "form=captum,samples=50,width=1,distance=cosine,regressor=lasso,alpha=0.01,unit=token",
     kOwnDraws},
    {"captum", "kernel_shap", "form=captum,samples=0,unit=token",
     "Captum draws 25 texts unless told otherwise, which is too few for most prompts; ours draws "
     "2 per token and 2048."},
    {"captum", "shapley_permutation", "antithetic=no,unit=token",
     "Captum walks 25 orders; ours as many as samples allows."},
    {"inseq", "saliency", "reduce=l2,normalise=yes,answer_tokens=yes", kInseqShares},
    {"inseq", "input_x_gradient", "site=embeddings,reduce=l2,normalise=yes,answer_tokens=yes",
     kInseqShares},
    {"inseq", "integrated_gradients",
     "nodes=50,rule=gauss_legendre,weights=captum,tolerance=0,baseline=unknown,special=replace,"
     "reduce=l2,normalise=yes,answer_tokens=yes",
     kInseqShares},
    {"inseq", "occlusion", "replace=unknown,special=replace",
     "Inseq takes magnitudes; ours keep their sign. It explains the probability: --quantity."},
    {"lime_text", "lime",
     "form=text,samples=5000,width=25,features=10,selection=auto,unit=word,replace=delete",
     "lime_text cuts words by its own expression and removes every occurrence of a word (bow=True) "
     "and explains the probability; ours removes one occurrence at a time."},
    {"shap", "kernel_shap", "form=shap,samples=0,tolerance=0",
     "As shap with l1_reg=False: by default it sets all but 10 features to 0."},
    {"shap", "shapley_permutation", "antithetic=yes,samples=500,tolerance=0", kOwnDraws},
    {"shap", "owen", "tree=text,samples=500,context=both,unit=token",
     "shap breaks ties between parts by chance; ours takes the earlier."},
}};

}  // namespace

std::span<const PresetRow> presets() {
    return kPresets;
}

std::string presetNames() {
    std::string out;
    std::string_view last;
    for (const PresetRow& row : kPresets) {  // rows of a preset stand together
        if (row.preset != last) out += (out.empty() ? "" : ", ") + std::string(row.preset);
        last = row.preset;
    }
    return out;
}

std::map<std::string, std::string> presetSettings(std::string_view preset,
                                                  std::string_view method) {
    std::string covered;
    for (const PresetRow& row : kPresets) {
        if (row.preset == preset && row.method == method)
            return parseNamedSettings("preset:" + std::string(row.settings), "preset").settings;
        if (row.preset == preset)
            covered += (covered.empty() ? "" : ", ") + std::string(row.method);
    }
    if (covered.empty())
        throw Error(ErrorKind::Usage,
                    "unknown preset " + inQuotes(preset) + "; known: " + presetNames());
    throw Error(ErrorKind::Usage, "preset " + std::string(preset) + " says nothing about method " +
                                      std::string(method) + "; it covers: " + covered);
}

}  // namespace driftlens
