// fmt's compiled part, as a library of our own: Debian ships it only as a shared object, which the program must not
// need at run time, and header-only use compiles it again in every file, a third of the whole build.
#include <fmt/format-inl.h>

namespace fmt {
inline namespace v9 {
namespace detail {

// The templates that fmt's headers declare and leave to this file.
template auto thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto decimal_point_impl<char>(locale_ref) -> char;
template locale_ref::locale_ref(const std::locale&);
template auto locale_ref::get<std::locale>() const -> std::locale;
template auto dragonbox::to_decimal(float) noexcept -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double) noexcept -> dragonbox::decimal_fp<double>;

}  // namespace detail
}  // namespace v9
}  // namespace fmt
