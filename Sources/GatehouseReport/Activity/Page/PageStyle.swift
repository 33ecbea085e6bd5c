extension ActivityPage {
  /// The style of the page: one column of calm text, light or dark as the reader's system is.
  static let style: StaticString = """
    :root{color-scheme:light dark;--bg:#fbfbf9;--card:#fff;--text:#1c2024;--soft:#5b646d;--line:#dfe2e4;--in:#2f6f9f;--bad:#b3261e;--maybe:#8a5a00;--mark:#eef3f7}
    @media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1b1f23;--text:#e7e9ea;--soft:#a3adb6;--line:#31373d;--in:#6db1e0;--bad:#ff8a80;--maybe:#e8b44c;--mark:#232a31}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Cantarell,sans-serif;font-variant-numeric:tabular-nums}
    header,main,footer{max-width:76rem;margin:0 auto;padding:0 1.5rem}
    header{padding-top:2.5rem}
    h1{font-size:1.7rem;line-height:1.2;margin:0;letter-spacing:-.01em}
    h2{font-size:1.15rem;margin:0 0 .25rem}
    h3{font-size:.8rem;font-weight:600;color:var(--soft);margin:1rem 0 .25rem}
    p{margin:.25rem 0 .75rem;max-width:70ch}
    .soft{color:var(--soft)}
    .bad{color:var(--bad)}.maybe{color:var(--maybe)}
    a{color:var(--in)}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.5rem}
    :focus-visible{outline:2px solid var(--in);outline-offset:2px}
    dl.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.5rem 0}
    dl.figures div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem;display:flex;flex-direction:column-reverse}
    dl.figures dt{color:var(--soft);font-size:.85rem}
    dl.figures dd{margin:0;font-size:1.6rem;line-height:1.2;font-weight:600}
    nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;list-style:none;padding:0;margin:0 0 1.5rem}
    section{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1.25rem 1.25rem 1rem;margin:0 0 1.25rem}
    figure{margin:0 0 .75rem}
    figcaption{display:flex;justify-content:space-between;font-size:.85rem;color:var(--soft)}
    svg{display:block;width:100%;height:2.75rem;border-bottom:1px solid var(--line)}
    figure:first-of-type svg{height:5.5rem}svg.small{height:1.4rem;width:9rem;border:0}
    .f-in{fill:var(--in)}.f-bad{fill:var(--bad)}.f-maybe{fill:var(--maybe)}.f-hit{fill:transparent}
    .f-hit:hover{fill:var(--line);fill-opacity:.4}
    .axis{display:flex;justify-content:space-between;font-size:.8rem;color:var(--soft);margin-top:.2rem}
    .scroll{overflow-x:auto;margin:0 -1.25rem;padding:0 1.25rem}
    .tall{max-height:34rem;overflow-y:auto}
    table{border-collapse:collapse;width:100%;font-size:.9rem}
    th,td{padding:.32rem .75rem .32rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
    thead th{font-weight:600;font-size:.8rem;color:var(--soft);white-space:nowrap;position:sticky;top:0;background:var(--card)}
    tbody tr:last-child>*{border-bottom:0}
    tbody th{font-weight:600}
    .n{text-align:right;white-space:nowrap}
    .t,.c{white-space:nowrap}
    td.c{font-family:ui-monospace,"SF Mono","DejaVu Sans Mono",monospace;font-size:.85em}
    td bdi{display:inline-block;max-width:26ch;overflow-wrap:break-word}.long bdi{max-width:60ch}
    th button{all:unset;cursor:pointer;padding:.1rem 0}
    th button:focus-visible{outline:2px solid var(--in)}
    th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
    .new{background:var(--mark);color:var(--in);border-radius:.25rem;padding:0 .35rem;font-size:.78rem;font-weight:600;white-space:nowrap;margin-left:.4rem}
    .find{display:flex;gap:.75rem;align-items:center;margin:.25rem 0 .75rem}
    .find[hidden]{display:none}
    input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:.35rem;padding:.3rem .6rem;width:min(20rem,60vw)}
    summary{cursor:pointer}
    details.more>summary{color:var(--in);font-size:.9rem;margin:.25rem 0}
    td details{max-width:44ch}td details>div{margin:.3rem 0 .5rem;color:var(--soft)}td details ul{margin:.2rem 0;padding-left:1.1rem}
    table.heat{width:auto}table.heat td{text-align:right;min-width:4.2rem;padding:.3rem .5rem;border:2px solid var(--card)}
    table.heat thead th{text-align:right;padding:.3rem .5rem;max-width:11rem;overflow:hidden;text-overflow:ellipsis}table.heat thead th:first-child{text-align:left;padding-left:0}.heat .bad{background:var(--card);border-radius:.25rem;padding:0 .25rem;white-space:nowrap}
    table.heat tbody th{position:sticky;left:0;background:var(--card);white-space:nowrap;max-width:14rem;overflow:hidden;text-overflow:ellipsis}
    .h1{background:color-mix(in srgb,var(--in) 8%,var(--card))}.h2{background:color-mix(in srgb,var(--in) 15%,var(--card))}.h3{background:color-mix(in srgb,var(--in) 23%,var(--card))}.h4{background:color-mix(in srgb,var(--in) 31%,var(--card))}.h5{background:color-mix(in srgb,var(--in) 39%,var(--card))}
    footer{padding-bottom:3rem;color:var(--soft);font-size:.85rem}
    @media(max-width:40rem){header,main,footer{padding:0 .9rem}header{padding-top:1.5rem}section{padding:1rem .9rem .75rem}.scroll{margin:0 -.9rem;padding:0 .9rem}.w{display:none}td bdi{max-width:16ch}td details{max-width:28ch}dl.figures{grid-template-columns:1fr 1fr}h1{font-size:1.4rem}}
    @media print{:root{color-scheme:light}.find,nav,.skip{display:none}section{break-inside:avoid;border:0}.tall{max-height:none}}
    """

  /// What makes tables sort and filter; it has no data, for all that it works with is in the page.
  static let script: StaticString = """
    "use strict";
    for (const table of document.querySelectorAll("table.sorts")) {
      const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
      const value = (row, at) => row.cells[at].dataset.s ?? row.cells[at].textContent;
      heads.forEach((head, at) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        head.replaceChildren(button);
        button.addEventListener("click", () => {
          const numbers = head.classList.contains("n");
          const down = head.ariaSort ? head.ariaSort === "ascending" : numbers;
          heads.forEach(other => other.removeAttribute("aria-sort"));
          head.ariaSort = down ? "descending" : "ascending";
          const order = (a, b) => numbers
            ? Number(a.replaceAll(",", "")) - Number(b.replaceAll(",", ""))
            : a.localeCompare(b, undefined, {numeric: true});
          body.replaceChildren(...[...body.rows].sort((a, b) =>
            (down ? -1 : 1) * order(value(a, at), value(b, at))));
        });
      });
      const find = table.closest("section").querySelector(".find");
      if (!find) continue;
      find.hidden = false;
      const input = find.querySelector("input"), count = find.querySelector("output");
      input.addEventListener("input", () => {
        const words = input.value.toLowerCase().split(" ").filter(word => word);
        let shown = 0;
        for (const row of body.rows) {
          const text = row.textContent.toLowerCase();
          row.hidden = !words.every(word => text.includes(word));
          if (!row.hidden) shown += 1;
        }
        count.textContent = words.length ? `${shown} of ${body.rows.length}` : "";
      });
    }

    """
}
