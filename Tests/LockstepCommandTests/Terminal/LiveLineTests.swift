import Testing

@testable import LockstepCommand

/// A terminal that wraps its lines anew when it gets another width, as most do.
private struct Emulator {
  private(set) var columns: Int
  private var lines: [[Character]] = [[]]
  private var (row, column) = (0, 0)

  init(columns: Int) { self.columns = columns }

  var text: [String] { lines.map { String($0) }.filter { !$0.isEmpty } }

  mutating func write(_ text: String) {
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "\r": column = 0
      case "\n", "\r\n":
        row += 1
        column = 0
        while lines.count <= row { lines.append([]) }
      case "\u{1B}":
        let body = rest.prefix { !$0.isLetter }
        let command = rest.dropFirst(body.count).first
        rest = rest.dropFirst(body.count + 1)
        let count = Int(body.dropFirst()) ?? 1
        switch command {
        case "A": row = max(0, row - count)
        case "K": lines[row] = Array(lines[row].prefix(column))
        case "J": lines = Array(lines.prefix(row)) + [Array(lines[row].prefix(column))]
        default: Issue.record("an unknown command \(command ?? " ")")
        }
      default:
        if column == columns {
          row += 1
          column = 0
          while lines.count <= row { lines.append([]) }
        }
        while lines[row].count <= column { lines[row].append(" ") }
        lines[row][column] = character
        column += 1
      }
    }
  }

  /// The line of the cursor, which is the last, is wrapped; those above are left as they are.
  mutating func resize(to columns: Int) {
    self.columns = columns
    guard let last = lines.last, last.count > columns else { return }
    let pieces = stride(from: 0, to: last.count, by: columns).map { Array(last[$0..<min(last.count, $0 + columns)]) }
    lines = lines.dropLast() + pieces
    (row, column) = (lines.count - 1, lines.last?.count ?? 0)
  }
}

@Suite struct LiveLineTests {
  @Test(arguments: [(80, 40), (120, 20), (40, 80), (80, 79), (81, 27), (80, 10)])
  func nothingIsLeftBehind(before: Int, after: Int) {
    var (screen, line) = (Emulator(columns: before), LiveLine())
    let long = String(repeating: "x", count: 200)
    screen.write("a row\n")
    screen.write(line.draw(long, columns: before))
    #expect(screen.text == ["a row", String(repeating: "x", count: before - 1)])
    screen.resize(to: after)
    screen.write(line.draw("y", columns: after))
    #expect(screen.text == ["a row", "y"])
    screen.write(line.draw(long, columns: after))
    screen.write(line.clear(columns: after) + "another row\n")
    #expect(screen.text.first == "a row" && screen.text.dropFirst().joined() == "another row")
    #expect(line.clear(columns: after) == "")
  }
}
