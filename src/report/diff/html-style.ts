/** The look of the HTML report: light, dark and on paper. It holds no text of anybody but us. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b1f24;--muted:#57606a;--line:#d8dee4;--soft:#eef1f4;
--good:#116329;--good-bg:#dafbe1;--bad:#a40e26;--bad-bg:#ffebe9;--warn:#7d4e00;--warn-bg:#fff8c5;
--prod:#6e7781;--mirror:#0550ae;--zero:#8c959f}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--card:#161b22;--ink:#e6edf3;--muted:#9da7b1;--line:#30363d;--soft:#21262d;
--good:#56d364;--good-bg:#12361f;--bad:#ff8e86;--bad-bg:#4a1519;--warn:#e3b341;--warn-bg:#3b2b07;
--prod:#9da7b1;--mirror:#79b8ff;--zero:#6e7681}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1160px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:22px;line-height:1.35;margin:0;font-weight:650}
h2{font-size:17px;margin:0 0 12px;font-weight:650}
p{margin:8px 0}
ul{margin:8px 0 0;padding-left:20px}
code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere;unicode-bidi:isolate}
pre{margin:4px 0 12px;padding:10px 12px;background:var(--soft);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
section,header{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 16px}
header{border-left-width:8px}
header.pass{border-left-color:var(--good)}header.fail{border-left-color:var(--bad)}header.inconclusive{border-left-color:var(--warn)}
.badge{display:inline-block;padding:1px 9px;border-radius:999px;font-size:12.5px;font-weight:650;white-space:nowrap;border:1px solid currentColor;vertical-align:1px}
.badge.big{font-size:16px;padding:2px 14px;margin-right:6px;vertical-align:2px}
.badge.pass,.badge.better{color:var(--good);background:var(--good-bg)}
.badge.fail,.badge.worse,.badge.lost{color:var(--bad);background:var(--bad-bg)}
.badge.inconclusive,.badge.warn,.badge.slower{color:var(--warn);background:var(--warn-bg)}
.muted{color:var(--muted)}.small{font-size:13px}
.facts{display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;color:var(--muted);font-size:13.5px}
.overview{display:grid;grid-template-columns:max-content 1fr;gap:8px 20px}.overview dt{font-weight:650}.overview dd{margin:0}.overview p{margin:0;overflow-wrap:anywhere}
.overview .warn{color:var(--warn)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:0 0 16px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card dt{font-size:13px;color:var(--muted)}
.card dd{margin:2px 0 0;font-size:21px;font-weight:650;line-height:1.3;font-variant-numeric:tabular-nums}
.card dd.note{font-size:13px;font-weight:400;color:var(--muted)}
dl{margin:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);font-size:13px;padding:0 0 6px}
th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600;font-size:13px;color:var(--muted)}
thead th{white-space:nowrap;vertical-align:bottom}
tbody th{color:var(--ink);font-weight:400}
tr:last-child>*{border-bottom:0}
.num{text-align:right;white-space:nowrap}
.wide{min-width:170px}
tr.zero>*{color:var(--muted)}
tr.sum>*{font-weight:650;border-top:2px solid var(--line)}
tr.bad>*{color:var(--bad)}
.matrix{width:auto}
.matrix td{padding:12px 18px;text-align:center;border:1px solid var(--line);min-width:120px}
.matrix th{text-align:center;padding:8px 14px;white-space:nowrap}.matrix tbody th{text-align:right;color:var(--muted);font-weight:600;border:0}
.matrix thead>tr>*{border:0}.matrix tbody th{vertical-align:middle}
.matrix b{display:block;font-size:22px;font-weight:650}
.matrix td.new{background:var(--bad-bg);color:var(--bad)}.matrix td.fixed{background:var(--good-bg);color:var(--good)}
.matrix td.none{background:none;color:inherit}
.split{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:24px}.split>*{min-width:0}
details{margin:12px 0 0}
summary{cursor:pointer;font-weight:600;padding:4px 0}
section>details:first-child{margin:0}
summary h2{display:inline;margin:0}
svg{display:block;max-width:100%;height:auto}
th>svg,td>svg{max-width:none}
.nowrap{white-space:nowrap}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:var(--muted)}
svg .strong{fill:var(--ink);font-weight:600}
.axis{stroke:var(--line)}.zero-line{stroke:var(--zero)}.limit{stroke:var(--warn);stroke-dasharray:3 3}
.ci{stroke:var(--mirror);stroke-width:2}.dot{fill:var(--mirror)}
.worse .ci{stroke:var(--bad)}.worse .dot{fill:var(--bad)}.better .ci{stroke:var(--good)}.better .dot{fill:var(--good)}
.prod{fill:var(--card);stroke:var(--prod);stroke-width:2}.mirror{fill:var(--mirror);stroke:var(--mirror);stroke-width:2}
.link{stroke:var(--line);stroke-width:4}
.bar-ok{fill:#2da44e}.bar-out{fill:#afb8c1}.bar-lost{fill:#d4730b}
.swatch{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:7px}
.swatch.bar-ok{background:#2da44e}.swatch.bar-out{background:#afb8c1}.swatch.bar-lost{background:#d4730b}
footer{color:var(--muted);font-size:13px;padding:0 4px}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#bbb;--soft:#f3f3f3;
--good:#116329;--good-bg:#eafbee;--bad:#a40e26;--bad-bg:#fff0ee;--warn:#7d4e00;--warn-bg:#fffbe0;--prod:#57606a;--mirror:#0550ae;--zero:#777}
body{font-size:12px}main{max-width:none;padding:0}section,header,.card,tr,svg{break-inside:avoid}section.long{break-inside:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
details::details-content{content-visibility:visible;display:block;block-size:auto}.scroll{overflow:visible}}
`;
