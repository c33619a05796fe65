// The pages of the PDF as pictures, for a screen: drawn by the very code that writes the PDF, sharp
// at any size.
#pragma once

#include "reports/layout/layout.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace driftlens {

// Rows from the top, four bytes a pixel: blue, green, red, and one that means nothing (on machines
// of little-endian order).
struct PageImage {
    int width = 0, height = 0, stride = 0;
    std::vector<unsigned char> pixels;
};

// Immutable and thread-safe once made; of several threads one draws at a time.
class PageImages {
public:
    // Lays out all pages. `onPage` is called before each; what it throws leaves the constructor.
    explicit PageImages(const ReportLayout& layout, const std::function<void()>& onPage = {});
    ~PageImages();
    PageImages(const PageImages&) = delete;
    PageImages& operator=(const PageImages&) = delete;

    static double width();  // of a page, in points
    static double height();
    std::size_t count() const;
    const std::vector<std::size_t>& sectionPages() const;  // where each section begins, from 0

    PageImage image(std::size_t page, double pixelsPerPoint) const;
    std::string svg(std::size_t page) const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
