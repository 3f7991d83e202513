/** The look of the HTML report: light, dark and on paper. It holds no text of anybody but us. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b1f24;--muted:#57606a;--line:#d8dee4;--soft:#eef1f4;
--good:#116329;--good-bg:#dafbe1;--bad:#a40e26;--bad-bg:#ffebe9;--warn:#7d4e00;--warn-bg:#fff8c5;
--prod:#6e7781;--mirror:#0550ae;--zero:#8c959f;--shade:#1b1f2433;
--c1:#3b76c4;--c2:#c4253f;--c3:#b7690a;--c4:#1b7f5c;--c5:#8250c4;--c6:#5e6a75;--c7:#0e7490;--heat:#0b4fa8}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--card:#161b22;--ink:#e6edf3;--muted:#9da7b1;--line:#30363d;--soft:#21262d;
--good:#56d364;--good-bg:#12361f;--bad:#ff8e86;--bad-bg:#4a1519;--warn:#e3b341;--warn-bg:#3b2b07;
--prod:#9da7b1;--mirror:#79b8ff;--zero:#6e7681;--shade:#000c;
--c1:#5b9bec;--c2:#f2647b;--c3:#e0a03c;--c4:#43b78c;--c5:#b28df5;--c6:#9aa5b1;--c7:#48b9d6;--heat:#8cc4ff}}
*{box-sizing:border-box}
body{margin:0;overflow-wrap:break-word;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:1160px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:22px;line-height:1.35;margin:0;font-weight:650}
h2{font-size:17px;margin:0 0 12px;font-weight:650}
p{margin:8px 0}
h1,.facts>*,.overview>*,li,p,caption,summary{min-width:0;overflow-wrap:anywhere}
ul{margin:8px 0 0;padding-left:20px}
code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere;unicode-bidi:isolate}
pre{margin:4px 0 12px;padding:10px 12px;background:var(--soft);border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
section,header{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 16px}
header{border-left-width:8px}
header.pass{border-left-color:var(--good)}header.fail{border-left-color:var(--bad)}header.inconclusive{border-left-color:var(--warn)}
.badge{display:inline-block;padding:1px 9px;border-radius:999px;font-size:12.5px;font-weight:650;white-space:nowrap;border:1px solid currentColor;vertical-align:1px}
.badge.big{white-space:normal;border-radius:16px;font-size:16px;padding:2px 14px;margin-right:6px;vertical-align:2px}
.badge.pass,.badge.better{color:var(--good);background:var(--good-bg)}
.badge.fail,.badge.worse,.badge.lost{color:var(--bad);background:var(--bad-bg)}
.badge.inconclusive,.badge.warn,.badge.slower{color:var(--warn);background:var(--warn-bg)}
.muted{color:var(--muted)}.small{font-size:13px}
.facts{display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;color:var(--muted);font-size:13.5px}
.overview{display:grid;grid-template-columns:max-content 1fr;gap:8px 20px}.overview dt{font-weight:650}.overview dd{margin:0}.overview p{margin:0;overflow-wrap:anywhere}
.overview .warn{color:var(--warn)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:0 0 16px}
.cards:has(>:nth-child(6):last-child){grid-template-columns:repeat(auto-fit,minmax(max(190px,(100% - 24px)/3),1fr))}
@media screen and (max-width:835px){.cards:has(>:nth-child(4):last-child){grid-template-columns:repeat(auto-fit,minmax(max(190px,(100% - 12px)/2),1fr))}}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card dt{font-size:13px;color:var(--muted)}
.card dd{margin:2px 0 0;font-size:21px;font-weight:650;line-height:1.3;font-variant-numeric:tabular-nums}
.card dd.note{font-size:13px;font-weight:400;color:var(--muted)}
dl{margin:0}
.scroll{overflow-x:auto;container-type:inline-size;background:linear-gradient(to right,var(--card) 16px,transparent) 0/32px 100% no-repeat local,linear-gradient(to left,var(--card) 16px,transparent) 100%/32px 100% no-repeat local,linear-gradient(to right,var(--shade),transparent) 0/12px 100% no-repeat scroll,linear-gradient(to left,var(--shade),transparent) 100%/12px 100% no-repeat scroll}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
caption{position:sticky;left:0;max-width:100cqi;text-align:left;color:var(--muted);font-size:13px;padding:0 0 6px}
th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600;font-size:13px;color:var(--muted)}
thead th{white-space:nowrap;vertical-align:bottom}
tbody th{color:var(--ink);font-weight:400}
tr:last-child>*{border-bottom:0}
.num{text-align:right;white-space:nowrap}
.wide{min-width:170px}.name{min-width:104px}.scroll+.scroll,.small+.scroll{margin-top:18px}
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
.badge.healthy{color:var(--good);background:var(--good-bg)}.badge.failing{color:var(--bad);background:var(--bad-bg)}
.badge.degraded,.badge.unknown{color:var(--warn);background:var(--warn-bg)}
header.healthy{border-left-color:var(--good)}header.failing{border-left-color:var(--bad)}header.degraded,header.unknown{border-left-color:var(--warn)}
h1 .badge{font-size:16px;padding:2px 14px;margin-right:6px;vertical-align:2px}
h3{font-size:15px;margin:0;font-weight:650}
.part:empty{display:none}
.reasons{color:var(--ink);font-size:14px}.causes{margin:0;padding-left:22px}.causes li{margin:0 0 8px}.next{margin:2px 0 0;color:var(--muted)}
section h2:not(:first-child){margin-top:18px}
.charts{display:grid;gap:22px}
.chart{margin:0;min-width:0}
figcaption p{margin:2px 0 8px;color:var(--muted);font-size:13px}
.frame{display:grid;grid-template-columns:64px minmax(0,1fr);grid-template-rows:170px 20px}
.frame svg{max-width:none;width:100%;height:100%;overflow:visible}
.side text{text-anchor:end}
.pane{position:relative;overflow:hidden;border-bottom:1px solid var(--line)}
.below{grid-column:2}.below text{text-anchor:middle}
.grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}
.line{fill:none;stroke-width:1.75;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.plot path{shape-rendering:crispEdges;vector-effect:non-scaling-stroke}.plot .line{shape-rendering:auto}
.legend{list-style:none;margin:6px 0 0 64px;padding:0;display:flex;flex-wrap:wrap;gap:2px 18px;font-size:13px;color:var(--muted)}
.legend .key{display:inline-block;width:12px;height:12px;border-radius:2px;margin-right:6px;vertical-align:-1px}
.plot .fine{fill:var(--c1);stroke:var(--c1)}.plot .line.fine{fill:none;stroke:var(--c1)}.key.fine{background:var(--c1)}
.plot .failed{fill:var(--c2);stroke:var(--c2)}.plot .line.failed{fill:none;stroke:var(--c2)}.key.failed{background:var(--c2)}
.plot .k1{fill:var(--c2);stroke:var(--c2)}.plot .line.k1{fill:none;stroke:var(--c2)}.key.k1{background:var(--c2)}
.plot .k2{fill:var(--c3);stroke:var(--c3)}.plot .line.k2{fill:none;stroke:var(--c3)}.key.k2{background:var(--c3)}
.plot .k3{fill:var(--c4);stroke:var(--c4)}.plot .line.k3{fill:none;stroke:var(--c4)}.key.k3{background:var(--c4)}
.plot .k4{fill:var(--c5);stroke:var(--c5)}.plot .line.k4{fill:none;stroke:var(--c5)}.key.k4{background:var(--c5)}
.plot .k5{fill:var(--c6);stroke:var(--c6)}.plot .line.k5{fill:none;stroke:var(--c6)}.key.k5{background:var(--c6)}
.plot .k6{fill:var(--c7);stroke:var(--c7)}.plot .line.k6{fill:none;stroke:var(--c7)}.key.k6{background:var(--c7)}
.plot .p50{fill:var(--c1);stroke:var(--c1)}.plot .line.p50{fill:none;stroke:var(--c1)}.key.p50{background:var(--c1)}
.plot .p95{fill:var(--c3);stroke:var(--c3)}.plot .line.p95{fill:none;stroke:var(--c3)}.key.p95{background:var(--c3)}
.plot .p99{fill:var(--c2);stroke:var(--c2)}.plot .line.p99{fill:none;stroke:var(--c2)}.key.p99{background:var(--c2)}
.plot .reqT{fill:var(--c6);stroke:var(--c6)}.plot .line.reqT{fill:none;stroke:var(--c6)}.key.reqT{background:var(--c6)}
.plot .qT{fill:var(--c3);stroke:var(--c3)}.plot .line.qT{fill:none;stroke:var(--c3)}.key.qT{background:var(--c3)}
.plot .wT{fill:var(--c1);stroke:var(--c1)}.plot .line.wT{fill:none;stroke:var(--c1)}.key.wT{background:var(--c1)}
.plot .resT{fill:var(--c5);stroke:var(--c5)}.plot .line.resT{fill:none;stroke:var(--c5)}.key.resT{background:var(--c5)}
.plot .applets{fill:var(--c1);stroke:var(--c1)}.plot .line.applets{fill:none;stroke:var(--c1)}.key.applets{background:var(--c1)}
.plot .idles{fill:var(--c4);stroke:var(--c4)}.plot .line.idles{fill:none;stroke:var(--c4)}.key.idles{background:var(--c4)}
.plot .sending{fill:var(--c3);stroke:var(--c3)}.plot .line.sending{fill:none;stroke:var(--c3)}.key.sending{background:var(--c3)}
.plot .waiting{fill:var(--c2);stroke:var(--c2)}.plot .line.waiting{fill:none;stroke:var(--c2)}.key.waiting{background:var(--c2)}
.plot .line.sending{stroke-dasharray:7 5}.plot .line.waiting{stroke-dasharray:2 4}
.h1{--o:0.12}.h2{--o:0.22}.h3{--o:0.33}.h4{--o:0.45}.h5{--o:0.58}.h6{--o:0.71}.h7{--o:0.85}.h8{--o:1}
.plot .line.then{stroke:var(--ink);stroke-dasharray:5 4;fill:none}.key.then{height:0;border-top:2px dashed var(--ink);border-radius:0;vertical-align:4px;width:18px}
.spark .fine{fill:var(--zero)}.spark .failed{fill:var(--c2)}
.plot .heat{fill:var(--heat);fill-opacity:var(--o)}.key.heat{background:var(--heat);opacity:var(--o)}
.bar{display:flex;flex-wrap:wrap;align-items:center;gap:6px;margin:0 0 14px;position:sticky;top:0;z-index:2;background:var(--card);padding:6px 0}
.bar button{font:inherit;font-size:14px;min-width:34px;padding:3px 10px;border:1px solid var(--zero);border-radius:6px;background:var(--soft);color:var(--ink);cursor:pointer}
.bar button:hover{border-color:var(--ink)}.bar button[aria-disabled=true]{color:var(--muted);cursor:default;border-color:var(--line);background:none}
:focus-visible{outline:2px solid var(--mirror);outline-offset:2px}
.pane:focus-visible{outline-offset:-2px}
[data-ready] .pane{cursor:crosshair;touch-action:pan-y}
.cursor{position:absolute;top:0;bottom:0;width:0;border-left:1px solid var(--ink);pointer-events:none}
.chosen{position:absolute;top:0;bottom:0;background:var(--mirror);opacity:.2;pointer-events:none}
.tip{position:absolute;top:4px;max-width:70%;padding:5px 9px;border-radius:6px;border:1px solid var(--zero);background:var(--card);color:var(--ink);font-size:12.5px;line-height:1.4;pointer-events:none;z-index:1;font-variant-numeric:tabular-nums}
.tip div:first-child{font-weight:650}
[hidden]{display:none}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
nav{display:flex;flex-wrap:wrap;gap:4px 20px;align-items:baseline;max-width:1160px;margin:0 auto;padding:14px 20px 0}nav [aria-current]{color:inherit;font-weight:650;text-decoration:none}
nav+main{padding-top:12px}#live-state{margin-left:auto;color:var(--muted);font-size:13px}#live-state.lost{padding:4px 12px;border-radius:8px;background:var(--warn-bg);color:var(--warn)}
@media screen and (max-width:800px){.blocks,.blocks caption,.blocks tbody{display:block}.blocks thead{position:absolute;clip-path:inset(50%)}.blocks tr{display:flex;flex-wrap:wrap;gap:2px 16px;padding:8px 0;border-bottom:1px solid var(--line)}.blocks tr:last-child{border-bottom:0}
.blocks tbody>tr>*{flex:0 1 auto;min-width:0;max-width:100%;padding:0;border:0;text-align:left;white-space:normal;overflow-wrap:anywhere}.blocks tbody th{font-weight:600}.blocks td:empty{display:none}.blocks [data-label]::before{content:attr(data-label) " ";color:var(--muted);font-size:12.5px;font-weight:400}}
@media (max-width:640px){.matrix{width:100%}.matrix td,.matrix th{min-width:0;padding:8px 6px;white-space:normal}.minor{display:none}.frame{grid-template-columns:52px minmax(0,1fr)}.legend{margin-left:52px}main{padding:12px 8px 32px}section,header{padding:14px 12px}.overview{grid-template-columns:1fr;gap:2px}}
footer{color:var(--muted);font-size:13px;padding:0 4px}
@media print{.bar,nav{display:none}:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#bbb;--soft:#f3f3f3;
--good:#116329;--good-bg:#eafbee;--bad:#a40e26;--bad-bg:#fff0ee;--warn:#7d4e00;--warn-bg:#fffbe0;--prod:#57606a;--mirror:#0550ae;--zero:#777}
body{font-size:12px}main{max-width:none;padding:0}section,header,.card,tr,svg{break-inside:avoid}section.long{break-inside:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
details::details-content{content-visibility:visible;display:block;block-size:auto}.scroll{overflow:visible}}
`;
