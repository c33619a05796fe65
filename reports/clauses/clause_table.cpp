#include "reports/clauses/clause_table.h"

namespace driftlens {
namespace {

constexpr std::string_view kAct = "EU AI Act", kGdpr = "GDPR", kHipaa = "HIPAA Security Rule",
                           kNist = "NIST AI RMF 1.0", kIso = "ISO/IEC 42001:2023";

// High-risk duties, as amended.
constexpr std::string_view kHighRisk =
    "Annex III systems from 2 Dec 2027, Annex I systems from 2 Aug 2028, as amended by the Digital "
    "Omnibus on AI; verify in the Official Journal";
constexpr std::string_view kInForce = "";

constexpr std::string_view kActText = "Regulation (EU) 2024/1689, from project notes";
constexpr std::string_view kAct12 =
    "Regulation (EU) 2024/1689, Art. 12 as reprinted by a third "
    "party (overview.legal)";
constexpr std::string_view kAnnex =
    "Regulation (EU) 2024/1689, Annex IV as reprinted by a third "
    "party (aiact.annotated.nl)";
constexpr std::string_view kGdprText = "Regulation (EU) 2016/679, from project notes";
constexpr std::string_view kDun =
    "Regulation (EU) 2016/679; CJEU C-203/22 (27 Feb 2025) through "
    "secondary sources (scl.org, gdprhub.eu)";
constexpr std::string_view kHipaaText = "45 CFR 164.312, from project notes";
constexpr std::string_view kNistText = "NIST AI 100-1, from project notes";
constexpr std::string_view kIsoText = "ISO/IEC 42001:2023, from project notes";
constexpr std::string_view kRead = "2026-11-28";

// A row per clause that a reviewer of a compressed model is likely to be asked about. Clauses that
// this tool says nothing on are there too: a list of only what one does well would mislead.
constexpr ClauseRow kRows[] = {
    {kAct, "Art. 10", "data governance: origin, suitability and bias of training and test data",
     "data", "/dataset/data/digest ?/dataset/variants/0/slices/0",
     "only the test data of this run, by digest and slice; nothing on training data or bias",
     kHighRisk, kActText, kRead},
    {kAct, "Art. 11", "technical documentation that is kept up to date", "systems",
     "/environment/version ?/evidence/log_id", "one part of a file that others must assemble",
     kHighRisk, kActText, kRead},
    {kAct, "Art. 12(1)", "automatic recording of events over the lifetime of the system", "audit",
     "/evidence/log_id /evidence/records/0 ?/evidence/checkpoint",
     "runs of this tool only, not uses of the deployed system; the article does not ask for "
     "tamper-evidence, which is added here",
     kHighRisk, kAct12, kRead},
    {kAct, "Art. 12(2)", "logs that let risks and changes be traced", "audit",
     "/evidence/records/0 /command", "", kHighRisk, kAct12, kRead},
    {kAct, "Art. 13(3)(b)", "known limits and circumstances that affect performance", "limits",
     "/limits/0 ?/dataset/variants/0/figures", "limits of the comparison, not of the whole system",
     kHighRisk, kActText, kRead},
    {kAct, "Art. 13(3)(d)", "information that lets deployers interpret the output", "explanations",
     "/methods/0 ?/summary/0", "", kHighRisk, kActText, kRead},
    {kAct, "Art. 14", "human oversight while the system is used", "", "", "", kHighRisk, kActText,
     kRead},
    {kAct, "Art. 15(1), (3)", "appropriate accuracy, with the metrics declared", "output_fidelity",
     "/dataset/variants/0/figures/flip_rate /dataset/variants/0/verdicts/0 "
     "?/dataset/variants/0/figures/accuracy ?/dataset/gates/0",
     "", kHighRisk, kActText, kRead},
    {kAct, "Art. 15(4), (5)", "robustness against errors and attacks", "", "", "", kHighRisk,
     kActText, kRead},
    {kAct, "Art. 19", "keeping of automatic logs for at least six months", "audit",
     "/evidence/log_id",
     "the log can be kept and erased by rule; that it is kept, others must show", kHighRisk,
     kActText, kRead},
    {kAct, "Art. 26", "duties of deployers: monitoring, keeping of logs, informing people", "audit",
     "/evidence/log_id", "organisational duties are outside a report", kHighRisk, kActText, kRead},
    {kAct, "Art. 86", "the main elements of a decision, explained to the person it concerns",
     "verdict", "/summary/0 /methods/0 ?/comparison/target",
     "an explanation of the model, not of the whole decision", kHighRisk, kActText, kRead},
    {kAct, "Annex IV 1", "general description: purpose, versions, interaction with hardware",
     "systems", "/environment/version /environment/processor ?/evidence/run",
     "the intended purpose must be declared by the provider", kHighRisk, kAnnex, kRead},
    {kAct, "Annex IV 2(a)-(c)", "methods and steps of development, pre-trained systems used",
     "systems", "?/comparison/reference/digest ?/dataset/reference/digest ?/methods/0",
     "the compression step only", kHighRisk, kAnnex, kRead},
    {kAct, "Annex IV 2(g)",
     "validation and testing: data, metrics, logs and reports, dated and signed by the persons "
     "responsible",
     "verdict",
     "/created /evidence/checkpoint ?/dataset/variants/0/verdicts/0 ?/dataset/data/digest",
     "the signature of a responsible person is left blank on the cover", kHighRisk, kAnnex, kRead},
    {kAct, "Annex IV 3", "monitoring, functioning and control; foreseeable unintended outcomes",
     "limits", "?/limits/0", "only what this comparison shows", kHighRisk, kAnnex, kRead},
    {kGdpr, "Art. 13(2)(f), 14(2)(g)", "information about the logic of automated decisions",
     "explanations", "/methods/0 ?/summary/0", "the notice itself is the controller's", kInForce,
     kGdprText, kRead},
    {kGdpr, "Art. 15(1)(h)",
     "the procedure and principles actually applied, in an intelligible form; how a variation of "
     "the input would have changed the result can serve",
     "explanations", "/summary/0 /methods/0",
     "a heat map alone does not suffice; ask for occlusion or counterfactual edits", kInForce, kDun,
     kRead},
    {kGdpr, "Art. 17", "erasure of personal data", "audit", "/evidence/log_id",
     "the log can erase texts and keep its chain; copies of this report are out of its reach",
     kInForce, kGdprText, kRead},
    {kGdpr, "Art. 22", "safeguards where decisions are automated alone", "", "", "", kInForce,
     kGdprText, kRead},
    {kHipaa, "164.312(b)", "recording and examining activity in systems with health information",
     "audit", "/evidence/records/0 ?/evidence/checkpoint",
     "activity of this tool only; examining it is the organisation's", kInForce, kHipaaText, kRead},
    {kHipaa, "164.312(c)", "protection against improper alteration or destruction", "audit",
     "/evidence/checkpoint /evidence/proofs/0", "of the log's records, not of health records",
     kInForce, kHipaaText, kRead},
    {kHipaa, "164.312(a), (d), (e)", "access control, authentication, security of transmission", "",
     "", "", kInForce, kHipaaText, kRead},
    {kNist, "MEASURE 2.1", "test sets, metrics and tools are documented", "data",
     "/dataset/data/digest /environment/version ?/dataset/gates/0", "", kInForce, kNistText, kRead},
    {kNist, "MEASURE 2.3", "performance is measured for conditions like those of deployment",
     "output_fidelity", "/dataset/variants/0/figures ?/dataset/observed",
     "that the examples are like the deployment, others must show", kInForce, kNistText, kRead},
    {kNist, "MEASURE 2.5", "validity and reliability are demonstrated, limits documented", "drift",
     "/dataset/variants/0/verdicts/0 /limits/0", "", kInForce, kNistText, kRead},
    {kNist, "MEASURE 2.8", "risks of transparency and accountability are examined", "audit",
     "/evidence/log_id ?/evidence/proofs/0", "", kInForce, kNistText, kRead},
    {kNist, "MEASURE 2.9", "the model is explained, validated and documented", "validity",
     "/methods/0 ?/evidence/run ?/dataset/variants/0/verdicts/0", "", kInForce, kNistText, kRead},
    {kNist, "MEASURE 2.10, 2.11", "privacy, fairness and bias are examined", "", "", "", kInForce,
     kNistText, kRead},
    {kIso, "Clause 7.5", "documented information is protected from loss of integrity", "audit",
     "/evidence/checkpoint /evidence/proofs/0", "of this run's records", kInForce, kIsoText, kRead},
    {kIso, "A.4", "resources of the system are documented, tools and computing included",
     "reproduction", "/environment/version /environment/processor /command", "", kInForce, kIsoText,
     kRead},
    {kIso, "A.6.2.4", "verification and validation of the system", "verdict",
     "/dataset/variants/0/verdicts/0 ?/dataset/gates/0 ?/evidence/run", "", kInForce, kIsoText,
     kRead},
    {kIso, "A.6.2.8", "event logs are recorded", "audit", "/evidence/records/0",
     "runs of this tool only", kInForce, kIsoText, kRead},
    {kIso, "Clauses 4 to 6, 9, 10", "management system: context, leadership, planning, review", "",
     "", "", kInForce, kIsoText, kRead},
};

}  // namespace

std::span<const ClauseRow> clauseTable() {
    return kRows;
}

}  // namespace driftlens
