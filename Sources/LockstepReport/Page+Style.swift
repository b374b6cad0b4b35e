extension Page {
  /// Colours are named by what they are for, once for light and once for dark. The series' are those of Okabe and Ito
  /// 2008, which every kind of colour vision tells apart, lightened for dark.
  static let colors = """

    :root {
      --paper: #fcfcfb; --card: #ffffff; --ink: #1b1d1f; --quiet: #5c6369; --line: #e2e4e6; --grid: #eceef0;
      --series0: #0072b2; --series1: #d55e00; --series2: #009e73; --series3: #a8548a;
      --series4: #e0a100; --series5: #7a4b2a; --rest: #c3c8cc;
      --good: #0a7a45; --good-paper: #ecf7f0; --bad: #b3261e; --bad-paper: #fdf0ee; --neutral-paper: #f1f3f5;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #131516; --card: #1a1d1f; --ink: #e7e9ea; --quiet: #9aa2a8; --line: #2c3134; --grid: #23282b;
        --series0: #56b4e9; --series1: #f0914a; --series2: #3cc79b; --series3: #d79bc0;
        --series4: #f2c14e; --series5: #c49a7a; --rest: #4a5157;
        --good: #5fd49a; --good-paper: #14271d; --bad: #ff8a80; --bad-paper: #2d1817; --neutral-paper: #212528;
      }
    }

    """

  /// Of pictures, in a page or alone.
  static let chartStyle = """

    svg { overflow: visible; }
    svg text { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--quiet); }
    svg .axis { stroke: var(--line); } svg .gridline { stroke: var(--grid); }
    svg .series { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    svg .fit { fill: none; stroke-width: 1.25; stroke-dasharray: 2 4; stroke-linecap: round; opacity: 0.8; }
    svg .second { stroke-dasharray: 7 4; }
    svg .s0 { stroke: var(--series0); } svg .s1 { stroke: var(--series1); } svg .s2 { stroke: var(--series2); } svg .s3 { stroke: var(--series3); }
    svg .f0 { fill: var(--series0); } svg .f1 { fill: var(--series1); } svg .f2 { fill: var(--series2); } svg .f3 { fill: var(--series3); }
    svg .p0 { fill: var(--series2); } svg .p1 { fill: var(--series0); } svg .p2 { fill: var(--series3); } svg .p3 { fill: var(--series1); }
    svg .p4 { fill: var(--series4); } svg .p5 { fill: var(--rest); } svg .p6 { fill: var(--series5); }
    svg .event { stroke: var(--quiet); stroke-width: 1.25; stroke-dasharray: 4 3; } svg .bad { stroke: var(--bad); }
    svg path { vector-effect: non-scaling-stroke; } svg .cells { shape-rendering: crispEdges; }
    svg .single { fill: var(--ink); fill-opacity: 0.55; }
    svg text.label { fill: var(--ink); font-weight: 600; }
    svg .row { fill: none; stroke: var(--rest); stroke-width: 1.25; stroke-linejoin: round; }
    svg .row.good { stroke: var(--series0); stroke-width: 1.75; } svg .row.best { stroke: var(--series1); stroke-width: 3; }
    svg .row.bad { stroke: var(--bad); stroke-dasharray: 4 3; opacity: 0.6; }
    svg text.beside { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }

    """

  /// Of the frames that pictures stand in, their legends, and the readings at their places.
  private static let plotStyle = """

      .plot { position: relative; padding: var(--t) var(--r) var(--b) var(--l); }
      .plot > svg { display: block; width: 100%; }
      .plot .bracket { stroke: var(--quiet); }
      .plot .reference { fill: none; stroke: var(--quiet); stroke-width: 1.25; stroke-dasharray: 2 4; stroke-linecap: round; }
      .legend { display: flex; flex-wrap: wrap; gap: 0 16px; margin: 0 0 2px; padding: 0; list-style: none; font-size: 12px; font-weight: 600; }
      .legend li { display: flex; align-items: center; gap: 6px; overflow-wrap: anywhere; min-width: 0; }
      .legend i { flex: none; width: 14px; height: 0; border-top: 2px solid; } .legend i.second { border-top-style: dashed; }
      .legend .s0 { color: var(--series0); } .legend .s1 { color: var(--series1); } .legend .s2 { color: var(--series2); } .legend .s3 { color: var(--series3); }
      .legend .dot { width: 7px; height: 7px; border: 0; border-radius: 50%; background: currentColor; }
      .legend .box { width: 10px; height: 10px; border: 0; }
      .legend .p0 { background: var(--series2); } .legend .p1 { background: var(--series0); } .legend .p2 { background: var(--series3); }
      .legend .p3 { background: var(--series1); } .legend .p4 { background: var(--series4); } .legend .p5 { background: var(--rest); } .legend .p6 { background: var(--series5); }
      .points { position: absolute; inset: var(--t) var(--r) var(--b) var(--l); display: flex; margin: 0; }
      .points.rows { flex-direction: column; }
      .points.keys { pointer-events: none; }
      .points:focus-within { outline: 2px solid var(--series0); outline-offset: 3px; border-radius: 2px; }
      .points input { appearance: none; -webkit-appearance: none; flex: 1 1 0; min-width: 0; min-height: 0; width: auto; height: auto; margin: 0; border: 0; outline: 0; background: none; }
      .points input:hover::before, .points input:focus::before { content: ""; position: absolute; top: 0; bottom: 0; left: var(--x); border-left: 1px solid var(--quiet); }
      .points.rows input:hover::before, .points.rows input:focus::before { top: var(--x); bottom: auto; left: 0; right: 0; border-left: 0; border-top: 1px solid var(--quiet); }
      .points input:hover::after, .points input:focus::after { content: attr(aria-label); position: absolute; z-index: 1; bottom: calc(-1 * var(--b)); left: calc(-1 * var(--l)); right: calc(-1 * var(--r));
        padding: 2px 0; pointer-events: none; background: var(--card); color: var(--ink); font-size: 12px; line-height: 1.35; overflow-wrap: anywhere; }
      .points:hover input:focus:not(:hover)::before, .points:hover input:focus:not(:hover)::after { content: none; }

    """

  static let style =
    colors + chartStyle + plotStyle + """

      * { box-sizing: border-box; }
      body { margin: 0; background: var(--paper); color: var(--ink);
        font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
      main { max-width: 1120px; margin: 0 auto; padding: 32px 20px 64px; }
      h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
      h2 { font-size: 1.2rem; margin: 40px 0 12px; }
      p { margin: 8px 0; max-width: 76ch; }
      a { color: var(--series0); overflow-wrap: anywhere; }
      code { font: 0.9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--neutral-paper);
        border-radius: 4px; padding: 1px 5px; overflow-wrap: anywhere; }
      a.source { font: 0.72em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--quiet); text-decoration: none; }
      a.source:hover, a.source:focus { text-decoration: underline; }
      .quiet { color: var(--quiet); }
      .verdict { border-left: 5px solid var(--quiet); background: var(--neutral-paper); border-radius: 6px; padding: 12px 18px; margin: 16px 0; }
      .verdict strong { font-size: 1.15rem; display: inline-block; }
      .verdict strong::first-letter { text-transform: uppercase; }
      .verdict p { margin: 6px 0 0; overflow-wrap: anywhere; }
      .verdict.good { border-color: var(--good); background: var(--good-paper); } .verdict.good strong { color: var(--good); }
      .verdict.bad { border-color: var(--bad); background: var(--bad-paper); } .verdict.bad strong { color: var(--bad); }
      .grid { display: flex; flex-wrap: wrap; gap: 20px; } .grid > * { flex: 1 1 var(--cell); }
      .grid.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--cell)), 1fr)); }
      .grid + .grid, .grid + p, p + .grid { margin-top: 20px; }
      figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; min-width: 0; }
      section > figure + figure, section > figure + .grid, section > .scroll + .grid { margin-top: 20px; }
      .grid > figure { display: flex; flex-direction: column; } .grid > figure > .scroll { margin-top: auto; }
      figcaption { font-size: 0.9rem; color: var(--quiet); margin-bottom: 6px; overflow-wrap: anywhere; }
      .scroll { --behind: var(--paper); overflow-x: auto; background: linear-gradient(90deg, var(--behind) 40%, transparent) left / 30px 100% no-repeat local,
        linear-gradient(270deg, var(--behind) 40%, transparent) right / 30px 100% no-repeat local, linear-gradient(90deg, var(--rest), transparent) left / 10px 100% no-repeat,
        linear-gradient(270deg, var(--rest), transparent) right / 10px 100% no-repeat; }
      figure .scroll { --behind: var(--card); }
      .pictures { display: flex; flex-wrap: wrap; gap: 5px; align-content: flex-start; }
      .beside { display: flex; gap: 10px; align-items: flex-start; } .beside > img { flex: none; } .beside > .pictures { flex: 1; min-width: 0; }
      img { display: block; box-sizing: content-box; border: 1px solid var(--line); image-rendering: pixelated; }
      .tiles { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 140px), 1fr)); margin: 20px 0; }
      .tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; min-width: 0; }
      .tile b { display: block; font-size: 1.7rem; line-height: 1.25; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
      .tile span { display: block; font-size: 0.85rem; color: var(--quiet); overflow-wrap: anywhere; }
      dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 20px; margin: 0; font-size: 0.95rem; }
      dl.facts dt { color: var(--quiet); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
      .scroll + .scroll, .scroll + dl.facts { margin-top: 20px; }
      pre { font: 0.82rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--card); border: 1px solid var(--line);
        border-radius: 8px; padding: 14px 16px; margin: 0; overflow-x: auto; }
      table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; width: 100%; }
      th { text-align: left; font-weight: 600; color: var(--quiet); border-bottom: 1px solid var(--line); }
      th, td { padding: 3px 12px 3px 0; white-space: nowrap; vertical-align: baseline; }
      .number + :not(.number) { padding-left: 12px; }
      strong.fault { color: var(--bad); } strong.passed { color: var(--good); }
      tbody tr { border-bottom: 1px solid var(--grid); }
      tbody tr.quiet td { color: var(--quiet); }
      summary { cursor: pointer; color: var(--series0); font-size: 0.9rem; padding: 4px 0; }
      tbody.fold details { position: sticky; left: 0; width: fit-content; max-width: calc(100vw - 64px); white-space: normal; }
      tbody.fold:has(details:not([open])) tr + tr { display: none; }
      details + .grid, .grid + details, details + details { margin-top: 14px; } details .grid { margin-top: 8px; }
      th:first-child, td:first-child { position: sticky; left: 0; background: var(--paper); }
      .number { text-align: right; }
      td.sentence { white-space: normal; min-width: 16em; overflow-wrap: anywhere; }
      .bar { display: inline-block; width: 110px; height: 9px; border-radius: 2px; background: var(--grid); margin-left: 8px; vertical-align: middle; }
      .bar i { display: block; height: 100%; border-radius: 2px; background: var(--series0); }
      .bar.second i { background: var(--series1); }
      .shade.none { color: var(--quiet); }
      .shade { display: block; padding: 2px 8px; border-radius: 4px; white-space: nowrap;
        background: color-mix(in srgb, var(--series0) calc(var(--share) * 45%), transparent); }
      figure th:first-child, figure td:first-child { background: var(--card); }
      ol.advice { padding-left: 1.4em; } ol.advice li { margin: 14px 0; padding-left: 4px; }
      ol.advice p { margin: 4px 0; }
      @media (max-width: 600px) {
        .tile { padding: 10px 12px; } .tile b { font-size: 1.2rem; } .bar { width: 44px; } .grid { gap: 14px; } main { padding: 20px 16px 48px; }
        th:first-child { white-space: normal; } th, td { padding-right: 9px; } .shade { padding: 2px 5px; }
        dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; } dl.facts dd { margin-bottom: 8px; }
        table.stacked, .stacked tbody, .stacked tr { display: block; } .stacked thead, .stacked td:empty { display: none; }
        .stacked tr { padding: 6px 0; } .stacked td { display: inline; padding: 0 8px 0 0; white-space: normal; overflow-wrap: anywhere; }
        .stacked td.sentence:not(:empty) { display: block; min-width: 0; margin-top: 4px; } .stacked .sentence + .sentence::before { content: "→ "; }
      }

      """
}
