#include "reports/writers/page_style.h"

namespace driftlens {

const char* const kPageStyle =
    // Text
    "*{box-sizing:border-box}"
    "body{font:16px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif;max-width:1040px;margin:0 "
    "auto;padding:2.2em 1.4em 4em;color:#1b2430;background:#fff}"
    "h1{font-size:1.75em;line-height:1.2;margin:.1em 0 .3em;letter-spacing:-.01em}"
    "h2{font-size:1.28em;margin:2.4em 0 .8em;padding-top:.7em;border-top:2px solid #1b2430}"
    "h3{font-size:1.05em;margin:1.7em 0 .5em}p{margin:.6em 0;max-width:48em}"
    ".note{font-size:.88em;color:#4a5563}.sub{color:#4a5563;margin:0}"
    "bdi{unicode-bidi:isolate;overflow-wrap:anywhere}li{margin:.3em 0;max-width:48em}"
    "a{color:#0b5394}a.skip{position:absolute;left:-9999px}a.skip:focus{left:1em;top:1em;"
    "background:#fff;padding:.5em;border:2px solid #0b5394}"
    "code,pre{font:.86em/1.5 ui-monospace,'DejaVu Sans Mono',monospace}code{word-break:break-all}"
    "pre{background:#f3f5f8;border:1px solid #d8dee6;border-radius:4px;padding:.7em "
    "1em;white-space:pre-wrap;word-break:break-all}"
    // Contents
    "nav{background:#f3f5f8;border-radius:6px;padding:.1em 1.2em;margin:1.4em 0;font-size:.92em}"
    "nav ol{columns:2;margin:.3em 0;padding-left:1.6em}nav li{margin:0;padding:.15em "
    "0;break-inside:avoid}"
    // Tables scroll in their own box
    ".scroll{overflow-x:auto;margin:1em 0}"
    "table{border-collapse:collapse;font-size:.9em;min-width:40%}"
    "caption{text-align:left;color:#4a5563;padding:0 0 .5em;font-size:.95em}"
    "caption span{display:inline-block;max-width:min(58em,calc(100vw - 2.8em))}"
    "td,th{padding:.42em .75em;text-align:left;vertical-align:top;border-bottom:1px solid #dfe4ea}"
    "thead th{border-bottom:2px solid #8793a3;background:#fff;font-weight:600}"
    "tbody tr:nth-child(even){background:#f6f8fa}tbody th{font-weight:600;width:15em}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}"
    "td.w{min-width:13em}td.c{min-width:12em}td.t{white-space:pre-wrap;unicode-bidi:isolate}"
    // Statements that must not be missed: the word beside the colour
    ".box{border-left:5px solid #0b5394;background:#eef4fb;border-radius:0 5px 5px "
    "0;padding:.7em 1.1em;margin:.8em 0;max-width:none}.box strong{letter-spacing:.03em}"
    ".good{border-color:#1e7d45;background:#eef8f1}.good strong{color:#176437}"
    ".caution,.flip{border-color:#b36b00;background:#fdf5e6}.caution strong{color:#7a4a00}"
    ".bad{border-color:#b3261e;background:#fdefee}.bad strong{color:#99201a}"
    // Figures keep a readable size and scroll, too
    "figure{margin:1.2em 0}figure .scroll{margin:0}figcaption{font-weight:600;margin-bottom:.5em}"
    "svg{max-width:100%;height:auto}figure svg{min-width:640px}"
    "details{margin:.6em 0}summary{cursor:pointer;font-weight:600}"
    "footer{margin-top:3em;border-top:1px solid #c6ced8;padding-top:1em;font-size:.85em;"
    "color:#4a5563}"
    "@media(max-width:640px){body{padding:1.2em 1em 3em}nav ol{columns:1}h1{font-size:1.4em}"
    "tbody th{width:auto}}"
    "@media print{body{max-width:none;padding:0;font-size:10.5pt}nav,a.skip{display:none}"
    "h2,h3{break-after:avoid}tr,figure,.box{break-inside:avoid}.scroll{overflow:visible}"
    "figure svg{min-width:0}thead{display:table-header-group}}";

}  // namespace driftlens
