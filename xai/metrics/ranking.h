// What the metrics of two score vectors share: rankings, selections, and when there is no figure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace driftlens {

// Positions by falling |value|, ties to the earlier one. Values are not NaN.
std::vector<std::size_t> rankingByMagnitude(std::span<const double> values);

std::vector<double> magnitudes(std::span<const double> values);

// Both positive, both negative, or both zero (of any sign).
bool haveSameSign(double a, double b);

// Why two score vectors have no figure: there are none, or one is not finite. Empty if they have.
// Throws Error(Internal) if their lengths differ.
std::string whyIncomparable(std::span<const double> a, std::span<const double> b);

// The values whose mask is not 0, in their order: an explanation over its content tokens only.
// Throws Error(Internal) if the lengths differ.
std::vector<double> selected(std::span<const double> values, std::span<const std::uint8_t> mask);

}  // namespace driftlens
