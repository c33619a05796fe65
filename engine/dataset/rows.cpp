#include "engine/dataset/rows.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/files/mapped_file.h"
#include "core/model/model.h"

#include <charconv>

namespace driftlens {

std::vector<std::string> forEachRow(const RowsRequest& request,
                                    const std::function<void(const SourceRow&)>& use) {
    DataColumns columns{request.textColumn, request.labelColumn, {}};
    for (const auto& column : {request.sliceColumn, request.clusterColumn})
        if (column) columns.others.push_back(*column);
    DataFile file = DataFile::open(request.file, columns);
    bool hasRows = false;
    while (std::optional<DataRow> row = file.next()) {
        if (request.most > 0 && row->number >= request.most) break;
        SourceRow source{std::move(*row), "", ""};
        std::size_t other = 0;
        if (request.sliceColumn) source.slice = source.row.others.at(other++);
        if (request.clusterColumn) source.cluster = source.row.others.at(other);
        use(source);
        hasRows = true;
    }
    if (!hasRows) throw Error(ErrorKind::InputFile, request.file.string() + " has no rows");
    return file.notes();
}

std::optional<std::int64_t> answerOf(const LoadedVariant& model, const std::string& label) {
    const ModelSpec& spec = model.model->spec();
    if (spec.task == Task::Classification) {
        for (std::size_t i = 0; i < spec.classLabels.size(); ++i)
            if (spec.classLabels[i] == label) return static_cast<std::int64_t>(i);
        std::int64_t id = -1;
        const auto [end, status] = std::from_chars(label.data(), label.data() + label.size(), id);
        const bool isClass = status == std::errc() && end == label.data() + label.size() &&
                             id >= 0 && id < spec.outputSize();
        return isClass ? std::optional(id) : std::nullopt;
    }
    const std::string text = label.starts_with(" ") ? label : " " + label;
    const std::vector<std::int64_t> ids = model.tokenizer->encode(text, false).ids();
    return ids.empty() ? std::nullopt : std::optional(ids.front());
}

std::string fileSha256(const std::filesystem::path& file) {
    return toHex(sha256(MappedFile::open(file)->bytes()));
}

}  // namespace driftlens
