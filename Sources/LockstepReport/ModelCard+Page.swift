extension ModelCard {
  /// The card as a page that stands by itself.
  var page: Page {
    let sections = sections.map { Page.section($0.title, $0.blocks.map(Self.html)) }
    let runs = runs.map { run in
      HTML.element(
        "section", [("id", Piece.anchor(run.digest))],
        [.element("h2", text: "Run \(Piece.short(run.digest))"), Self.html(.facts(run.facts))])
    }
    return Page(title: title, subtitle: Self.subtitle, content: sections + runs)
  }

  private static func html(_ block: Block) -> HTML {
    switch block {
    case .paragraph(let line): .element("p", [], html(line))
    case .facts(let facts):
      .element(
        "dl", [("class", "facts")],
        facts.flatMap { [.element("dt", text: $0.name), .element("dd", [], html($0.line))] })
    case .commands(let lines): Page.listing(lines.joined(separator: "\n"))
    case .table(let header, let rows):
      Page.table(header, rows.map { $0.map { HTML(markup: html($0).map(\.markup).joined()) } })
    }
  }

  private static func html(_ line: [Piece]) -> [HTML] {
    line.map { piece in
      switch piece {
      case .text(let text): .element("span", text: text)
      case .code(let text): .element("code", text: text)
      case .figure(let text, let digest):
        .element(
          "span", [],
          [
            .element("b", text: text), .text(" "),
            .element("a", [("class", "source"), ("href", "#\(Piece.anchor(digest))")], text: Piece.short(digest)),
          ])
      }
    }
  }
}
