// Hooks belong to one call: they see and replace what passes a site, and leave nothing behind.
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "core/tokenizer/tokenizer.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

const std::string kSample = "samples/retrieval-llama-mini";

class Hooked : public ::testing::Test {
protected:
    ForwardCapture run(const std::string& prompt, const Hooks& hooks,
                       const std::set<SiteId>& capture = {}) const {
        ForwardInput input;
        input.ids = at::tensor(m_tokenizer->encode(prompt).ids(), at::kLong).unsqueeze(0);
        ForwardRequest request;
        request.capture = capture;
        return m_model->forward(input, request, hooks, {});
    }

    const std::string m_lamp = "box A holds a lamp . box A holds a";
    const std::string m_coin = "box B holds a coin . box B holds a";

private:
    std::shared_ptr<const Model> m_model = loadModel(Checkpoint::open(kSample)).model;
    std::shared_ptr<const Tokenizer> m_tokenizer = Tokenizer::load(kSample);
};

TEST_F(Hooked, ObservingASiteChangesNoBit) {
    at::Tensor seen;
    const SiteId site{SiteKind::ResidMid, 1};
    const Hooks observe = {{site, [&](const at::Tensor& value) {
                                seen = value;
                                return std::optional<at::Tensor>();
                            }}};
    const at::Tensor plain = run(m_lamp, {}).logits;
    const ForwardCapture watched = run(m_lamp, observe, {site});
    EXPECT_TRUE(watched.logits.equal(plain));
    EXPECT_TRUE(seen.equal(watched.sites.at(site)));
}

// The residual stream carries all: with another prompt's stream at one block's end, the logits are
// that prompt's, to the bit.
TEST_F(Hooked, ReplacingTheStreamGivesTheOtherPromptsAnswer) {
    for (std::int64_t block = 0; block < 3; ++block) {
        const SiteId site{SiteKind::ResidOut, block};
        const ForwardCapture other = run(m_coin, {}, {site});
        const at::Tensor stream = other.sites.at(site);
        const Hooks patch = {{site, [&](const at::Tensor&) { return std::optional(stream); }}};
        EXPECT_TRUE(run(m_lamp, patch).logits.equal(other.logits)) << block;
    }
    EXPECT_FALSE(run(m_lamp, {}).logits.equal(run(m_coin, {}).logits));
}

// A head whose output is set to zero adds nothing: the block's attention output is the output
// projection of the other heads alone.
TEST_F(Hooked, ZeroingEveryHeadLeavesTheStreamAsItWas) {
    const SiteId heads{SiteKind::HeadOutput, 1};
    const SiteId before{SiteKind::ResidIn, 1};
    const SiteId after{SiteKind::ResidMid, 1};
    const Hooks zero = {
        {heads, [](const at::Tensor& value) { return std::optional(at::zeros_like(value)); }}};
    const ForwardCapture out = run(m_lamp, zero, {before, after});
    EXPECT_TRUE(out.sites.at(after).equal(out.sites.at(before)));
}

TEST_F(Hooked, RefusesAReplacementOfAnotherShape) {
    const SiteId site{SiteKind::MlpOut, 0};
    const Hooks wrong = {
        {site, [](const at::Tensor& value) { return std::optional(value.narrow(1, 0, 1)); }}};
    EXPECT_THROW(run(m_lamp, wrong), Error);
}

}  // namespace
}  // namespace driftlens
