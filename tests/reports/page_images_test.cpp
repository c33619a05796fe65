// The pages on a screen are those of the PDF.
#include "reports/pdf/page_images.h"

#include "reports/writers/pdf.h"
#include "tests/reports/sample_layout.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace driftlens {
namespace {

constexpr double kScale = 100.0 / 72.0;  // of pdftoppm at 100 dots per inch

struct Ppm {
    int width = 0, height = 0;
    std::string rgb;
};

// What poppler makes of the PDF's pages.
std::vector<Ppm> renderedByPoppler(const std::string& pdf) {
    const ScratchFolder scratch;
    std::ofstream(scratch / "report.pdf", std::ios::binary) << pdf;
    EXPECT_EQ(
        runProgram("/usr/bin/pdftoppm",
                   {"-r", "100", (scratch / "report.pdf").string(), (scratch / "page").string()},
                   scratch)
            .exitCode,
        0);
    std::vector<Ppm> out;
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator((scratch / "report.pdf").parent_path()))
        if (entry.path().extension() == ".ppm") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        std::string magic;
        int largest = 0;
        Ppm& ppm = out.emplace_back();
        in >> magic >> ppm.width >> ppm.height >> largest;
        in.get();
        std::stringstream rest;
        rest << in.rdbuf();
        ppm.rgb = rest.str();
    }
    return out;
}

// The mean difference of all channels, of 255.
double differenceOf(const PageImage& ours, const Ppm& theirs) {
    double sum = 0.0;
    const int width = std::min(ours.width, theirs.width);
    const int height = std::min(ours.height, theirs.height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            for (int channel = 0; channel < 3; ++channel) {
                const auto at = static_cast<std::size_t>(y * ours.stride + 4 * x + 2 - channel);
                const auto there = static_cast<std::size_t>(3 * (y * theirs.width + x) + channel);
                sum += std::abs(static_cast<int>(ours.pixels[at]) -
                                static_cast<int>(static_cast<unsigned char>(theirs.rgb[there])));
            }
        }
    }
    return sum / (3.0 * width * height);
}

TEST(PageImages, AreThePagesOfThePdf) {
    const ReportLayout layout = sampleLayout();
    const PageImages pages(layout);
    const std::vector<Ppm> theirs = renderedByPoppler(toPdf(layout));
    ASSERT_EQ(pages.count(), theirs.size());
    ASSERT_GT(pages.count(), 2U);
    for (std::size_t i = 0; i < pages.count(); ++i) {
        const PageImage image = pages.image(i, kScale);
        EXPECT_NEAR(image.width, theirs[i].width, 1);
        EXPECT_LT(differenceOf(image, theirs[i]), 6.0) << "page " << i + 1;
    }
    // Another page is another picture: the bound above means something.
    EXPECT_GT(differenceOf(pages.image(0, kScale), theirs[1]), 12.0);
}

TEST(PageImages, SayWhereSectionsBeginAndAreVectorsToo) {
    const ReportLayout layout = sampleLayout();
    const PageImages pages(layout);
    ASSERT_EQ(pages.sectionPages().size(), layout.sections.size());
    for (const std::size_t page : pages.sectionPages()) EXPECT_LT(page, pages.count());
    EXPECT_GT(pages.sectionPages().back(), 0U);
    EXPECT_NE(pages.svg(0).find("<svg"), std::string::npos);
    EXPECT_EQ(pages.image(1, 2.0).width, 1191);
}

TEST(PageImages, CanBeStoppedAtAnyPage) {
    int left = 3;
    const auto stop = [&left] {
        if (--left == 0) throw std::runtime_error("stop");
    };
    EXPECT_THROW(PageImages(sampleLayout(), stop), std::runtime_error);
}

}  // namespace
}  // namespace driftlens
