import LockstepFormats

extension ModelCard {
  /// The card as Markdown of GitHub's kind (https://github.github.com/gfm/).
  var markdown: String {
    var parts = ["# \(Self.escaped(title))", Self.subtitle]
    for section in sections { parts += ["## \(section.title)"] + section.blocks.map(Self.markdown) }
    for run in runs {
      // The heading is the anchor that numbers are linked to.
      parts += ["## Run \(Piece.short(run.digest))", Self.markdown(.facts(run.facts))]
    }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private static func markdown(_ block: Block) -> String {
    switch block {
    case .paragraph(let line): return markdown(line)
    case .facts(let facts): return facts.map { "- \(escaped($0.name)): \(markdown($0.line))" }.joined(separator: "\n")
    case .commands(let lines): return (["```sh"] + lines + ["```"]).joined(separator: "\n")
    case .table(let header, let rows):
      let lines =
        [header.map(escaped), header.map { _ in "---" }] + rows.map { $0.map(markdown) }
      return lines.map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
    }
  }

  private static func markdown(_ line: [Piece]) -> String {
    line.map { piece in
      switch piece {
      case .text(let text): escaped(text)
      case .code(let text): code(text)
      case .figure(let text, let digest): "\(escaped(text)) [\(Piece.short(digest))](#\(Piece.anchor(digest)))"
      }
    }.joined()
  }

  /// Text in which nothing is markup.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in Display.whole(text).unicodeScalars {
      if scalar == "\n" {
        escaped += " "
      } else {
        if #"\`*_{}[]<>#|&~"#.unicodeScalars.contains(scalar) { escaped += "\\" }
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A code span: its fence is longer than any run of backticks in it.
  private static func code(_ text: String) -> String {
    let line = Display.whole(text).replacing("\n", with: " ")
    let longest = line.split(whereSeparator: { $0 != "`" }).map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    return longest == 0 ? "`\(line)`" : "\(fence) \(line) \(fence)"
  }
}
