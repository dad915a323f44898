/** The page's style: light and dark by the reader's choice; where the screen is narrow, wide tables as cards and narrow charts. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f6f7f9;--panel:#fff;--ink:#16191f;--quiet:#5a6372;--line:#dfe3e9;--grid:#e9ecf1;
--ours:#1d5bd8;--chain:#26805b;--plain:#7a3fc0;--static:#b4480a;--other:#5a6372;--fall:#c02626;--good:#1b7f4b;--bad:#b91c1c}
@media(prefers-color-scheme:dark){:root{--ground:#0f1216;--panel:#171b21;--ink:#e8ebf0;--quiet:#a3adbb;--line:#2a313b;--grid:#242a33;
--ours:#6ea3ff;--chain:#63c79a;--plain:#bd93f5;--static:#f29455;--other:#a3adbb;--fall:#ff7b72;--good:#5cc98c;--bad:#ff8a82}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;font-variant-numeric:tabular-nums}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 16px}
h1{font-size:24px;margin:24px 0 4px}h2{font-size:19px;margin:0 0 8px}h3{font-size:16px;margin:20px 0 4px}
p,ul{max-width:85ch;margin:8px 0}li{margin:4px 0}
nav{display:flex;flex-wrap:wrap;gap:4px 14px;margin:10px 0 16px}a{color:var(--ours)}
section{overflow-wrap:anywhere;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:16px;margin:0 0 16px}
.table{margin:10px 0}.cards{overflow-wrap:normal}.csv{font-size:12px}
table{border-collapse:collapse;font-size:12.5px;max-width:100%}caption{text-align:left;color:var(--quiet);padding:0 0 4px}
th,td{padding:4px 7px;border-bottom:1px solid var(--line);text-align:right}td{overflow-wrap:normal}
thead th{vertical-align:bottom;color:var(--quiet);font-weight:600}
th:first-child{text-align:left}tbody th{font-weight:400}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}.strong{font-weight:700}.quiet{color:var(--quiet)}tbody th.strong{font-weight:700}
figure{margin:14px 0}figcaption{color:var(--quiet);font-size:13px;max-width:85ch}
svg{width:100%;height:auto;display:block}svg text{font:12px system-ui,sans-serif;fill:var(--quiet)}
.grid{stroke:var(--grid);fill:none}.line{fill:none;stroke-width:1.6}.bars{stroke:var(--fall);stroke-width:1.5;opacity:.35;fill:none}
.line.ours{stroke:var(--ours)}.line.chain{stroke:var(--chain)}.line.plain{stroke:var(--plain)}.line.static{stroke:var(--static)}.line.other{stroke:var(--other)}.line.fall{stroke:var(--fall)}
.dot.ours{fill:var(--ours)}.dot.chain{fill:var(--chain)}.dot.plain{fill:var(--plain)}.dot.static{fill:var(--static)}.dot.fall{fill:var(--fall)}.dot.other{fill:var(--panel);stroke:var(--other);stroke-width:2}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 16px;padding:0;margin:0 0 4px;font-size:13px;max-width:none}
.swatch{display:inline-block;width:14px;height:3px;vertical-align:middle;margin-right:6px}
.swatch.ours{background:var(--ours)}.swatch.chain{background:var(--chain)}.swatch.plain{background:var(--plain)}.swatch.static{background:var(--static)}.swatch.fall{background:var(--fall)}.swatch.other{background:var(--other)}
details{margin:10px 0}summary{cursor:pointer;color:var(--ours)}pre{overflow-x:auto;font-size:12px}
.narrow{display:none}footer{color:var(--quiet);font-size:13px;padding-bottom:24px}
@media(max-width:640px){.wide{display:none}.narrow{display:block}section{padding:12px 10px}h1{font-size:20px}main,header,footer{padding:0 8px}th,td{padding:4px 5px}
.cards,.cards tbody,.cards tr,.cards th,.cards td,.cards caption{display:block}.cards thead{display:none}
.cards tr{padding:6px 0;border-bottom:1px solid var(--line)}.cards th,.cards td{border:0;padding:1px 4px}
.cards tbody th{font-weight:600}.cards th[data-head]::before{content:attr(data-head) ": ";color:var(--quiet);font-weight:400}.cards td{display:flex;justify-content:space-between;gap:12px}.cards td::before{content:attr(data-head);color:var(--quiet);text-align:left;font-weight:400}
}
`;
