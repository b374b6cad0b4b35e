import LockstepFormats

/// A page that stands by itself: styles and pictures are inside, nothing is fetched and nothing runs. Light or dark as
/// the reader's system is, and readable on a phone: what is wider scrolls by itself.
package struct Page: Sendable {
  package var title: String
  /// One line under the title: what the page is about and how it came to be.
  package var subtitle: String
  package var content: [HTML]
  /// The seconds after which a browser loads the page again; nil for one that stays as it is.
  package var refresh: Int?

  package init(title: String, subtitle: String, content: [HTML]) {
    (self.title, self.subtitle, self.content) = (title, subtitle, content)
  }

  /// The file's text: HTML that is well-formed XML.
  package var text: String {
    let head = HTML.element(
      "head", [],
      [
        .element("meta", [("charset", "utf-8")]),
        .element("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
        .element("meta", [("name", "color-scheme"), ("content", "light dark")]),
      ] + (refresh.map { [.element("meta", [("http-equiv", "refresh"), ("content", "\($0)")])] } ?? [])
        + [
          .element("title", text: title),
          // Not escaped: a style is no text, and has neither < nor & in it.
          .element("style", [], [HTML(markup: Page.style)]),
        ])
    let header = HTML.element(
      "header", [], [.element("h1", text: title), .element("p", [("class", "quiet")], text: subtitle)])
    let body = HTML.element("body", [], [.element("main", [], [header] + content)])
    return "<!DOCTYPE html>\n" + HTML.element("html", [("lang", "en")], [head, body]).markup + "\n"
  }
}

// MARK: - What pages are made of

extension Page {
  /// A part of the page under a heading.
  package static func section(_ title: String, _ content: [HTML]) -> HTML {
    .element("section", [], [.element("h2", text: title)] + content)
  }

  /// - Parameter quiet: whether it is set in grey, as explanations are.
  package static func paragraph(_ text: String, quiet: Bool = false) -> HTML {
    .element("p", quiet ? [("class", "quiet")] : [], text: text)
  }

  /// How a box is meant; always said in words too, for whoever sees no colours.
  package enum Tone: String, Sendable {
    case good
    case bad
    case neutral
  }

  /// A result in a box of its own: a few words, then sentences.
  package static func verdict(_ words: String, _ sentences: [String], tone: Tone) -> HTML {
    .element(
      "div", [("class", "verdict \(tone.rawValue)")],
      [.element("strong", text: words)] + sentences.map { .element("p", text: $0) })
  }

  /// Pictures side by side where there is room, those of the last row as wide as it is; of many small ones all are
  /// equally wide.
  ///
  /// - Parameter minimum: the least width of each, in pixels; below 250 they are small.
  package static func grid(_ cells: [HTML], minimum: Int = 420) -> HTML {
    .element(
      "div", [("class", minimum < 250 ? "grid small" : "grid"), ("style", "--cell: \(minimum)px")], cells)
  }

  /// What is looked at only if wanted, behind a line that says what it is.
  package static func fold(_ words: String, _ content: [HTML]) -> HTML {
    .element("details", [], [.element("summary", text: words)] + content)
  }

  /// A picture with a line that says what is to be seen.
  package static func figure(_ picture: HTML, caption: String) -> HTML {
    .element("figure", [], [.element("figcaption", text: caption), .element("div", [("class", "scroll")], [picture])])
  }

  /// A table that scrolls by itself where it is wider than the page.
  ///
  /// - Parameters:
  ///   - right: the columns that stand on the right, such as numbers.
  ///   - wrapped: the columns of sentences, which go over several lines; on a phone they stand below the others.
  ///   - emphasized: rows that are to be followed down the page; nil for all.
  ///   - folds: rows that are looked at only if wanted, each run of them behind a line with its words; ascending.
  package static func table(
    _ header: [String], _ rows: [[HTML]], right: Set<Int> = [], wrapped: Set<Int> = [],
    emphasized: Set<Int>? = nil, folds: [(rows: Range<Int>, words: String)] = []
  ) -> HTML {
    func side(_ column: Int) -> [(String, String)] {
      right.contains(column) ? [("class", "number")] : wrapped.contains(column) ? [("class", "sentence")] : []
    }
    let head = header.enumerated().map { HTML.element("th", side($0), text: $1) }
    let body = rows.enumerated().map { index, row in
      HTML.element(
        "tr", emphasized.map { $0.contains(index) } == false ? [("class", "quiet")] : [],
        row.enumerated().map { .element("td", side($0), [$1]) })
    }
    var (bodies, next): ([HTML], Int) = ([], 0)
    func add(until end: Int) {
      if next < end { bodies.append(.element("tbody", [], Array(body[next..<end]))) }
      next = end
    }
    for (range, words) in folds {
      add(until: range.lowerBound)
      let line = HTML.element("td", [("colspan", "\(header.count)")], [fold(words, [])])
      bodies.append(.element("tbody", [("class", "fold")], [.element("tr", [], [line])] + body[range]))
      next = range.upperBound
    }
    add(until: rows.count)
    return .element(
      "div", [("class", "scroll")],
      [
        .element(
          "table", wrapped.isEmpty ? [] : [("class", "stacked")],
          [.element("thead", [], [.element("tr", [], head)])] + bodies)
      ])
  }

  /// A number beside a bar of its size.
  ///
  /// - Parameter text: nil for the share itself.
  package static func bar(_ share: Double, text: String? = nil) -> HTML {
    let width = coordinate(min(1, max(0, share)) * 100)
    let bar = HTML.element(
      "span", [("class", "bar")], [.element("i", [("style", "width: \(width)%")], text: "")])
    return HTML(markup: HTML.text(text ?? Format.fixed(share, 4)).markup + bar.markup)
  }

  /// The figures that matter most, large, each with what it is and a remark.
  package static func tiles(_ tiles: [(value: String, name: String, remark: String)]) -> HTML {
    .element(
      "div", [("class", "tiles")],
      tiles.map { tile in
        .element(
          "div", [("class", "tile")],
          [.element("span", text: tile.name), .element("b", text: tile.value)]
            + (tile.remark == "" ? [] : [.element("span", text: tile.remark)]))
      })
  }

  /// Names with what they stand for.
  ///
  /// - Parameter exact: names of what is set as files have it, such as digests.
  package static func facts(_ facts: [(name: String, text: String)], exact: Set<String> = []) -> HTML {
    .element(
      "dl", [("class", "facts")],
      facts.flatMap { name, text in
        [
          HTML.element("dt", text: name),
          exact.contains(name)
            ? .element("dd", [], [.element("code", text: text)]) : .element("dd", text: text),
        ]
      })
  }

  /// A file's text as it stands.
  package static func listing(_ text: String) -> HTML { .element("pre", text: text) }
}
