import LockstepConfiguration
import LockstepFormats
import LockstepResults
import LockstepRuns

/// The runs that stand in a folder, as one page: which there are, how far they came, and where each has a page of its
/// own.
package struct RunIndex: Sendable {
  /// A run, and its page beside it.
  private struct Entry: Sendable {
    var run: RunRecord
    /// The page's path from the folder; nil where there is none.
    var page: String?
    /// When its log was last written, in nanoseconds since 1970.
    var written: Int?
  }

  /// The folder that the runs' folders stand in.
  package let folder: String
  /// A message for each run that cannot be read.
  package let problems: [String]
  private let entries: [Entry]

  /// Reads the runs in the folder `folder`.
  ///
  /// - Throws: `RunError.input` where there is no such folder, or no run in it.
  package init(_ folder: String) throws(RunError) {
    let (runs, problems) = try RunRecord.all(in: folder)
    guard !runs.isEmpty else {
      throw .input("\(folder): found no run, expected the folder of a run, or one that runs' folders stand in")
    }
    (self.folder, self.problems) = (folder, problems)
    entries = runs.map { run in
      let page = "\(run.path)/\(Self.pageName)"
      let isThere = (try? Folder.item(at: page)) == .file
      return Entry(
        run: run, page: isThere ? "\(Folder.lastName(of: run.path))/\(Self.pageName)" : nil,
        written: Folder.lastWritten("\(run.path)/metrics.jsonl"))
    }
  }

  /// Whether `folder` is none of a run, and holds folders of runs.
  package static func isMeant(by folder: String) -> Bool {
    guard (try? Folder.item(at: "\(folder)/config.yaml")) == .missing, let names = try? Folder.names(in: folder) else {
      return false
    }
    return names.contains { (try? Folder.item(at: "\(folder)/\($0)/config.yaml")) == .file }
  }

  /// What `lockstep report` calls the page in the folder of a run, and that of a folder of runs.
  package static let (pageName, indexName) = ("report.html", "index.html")

  /// The runs as a page, each with a link to its own.
  package func report() -> Page {
    let counts = Dictionary(grouping: entries.map(\.run.state.word)) { $0 }.mapValues(\.count)
    var tiles = [(value: Format.count(entries.count), name: Format.plural(entries.count, "run"), remark: "")]
    for (state, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      tiles.append((Format.count(count), Self.words(state), ""))
    }
    let missing = entries.count { $0.page == nil }
    let note =
      (missing == 0 ? "" : "A run without a link has no page yet: lockstep report writes one into its folder. ")
      + "The best is that by checkpoint.keep_best, or else by accuracy or loss, on the validation data."
    let unread =
      problems.isEmpty ? [] : [Page.section("Not readable", problems.map { Page.paragraph(Display.plain($0)) })]
    return Page(
      title: "Runs in \(Folder.lastName(of: Folder.absolute(folder)))",
      subtitle: "Folder \(folder), as it was when lockstep report looked.",
      content: [
        Page.tiles(tiles), Page.section("Runs", [table]),
        Page.paragraph(note, quiet: true),
      ] + unread)
  }

  private var table: HTML {
    let hasForks = entries.contains { $0.run.origin != nil }
    let rows = entries.map { cells(of: $0, withOrigin: hasForks) }
    return Page.table(
      ["run", "status", "steps", "metric", "best", "at step", "last loss", "last written"]
        + (hasForks ? ["forked from"] : []), rows, right: [2, 4, 5, 6])
  }

  private func cells(of entry: Entry, withOrigin: Bool) -> [HTML] {
    let (run, best) = (entry.run, entry.run.best)
    let name = Display.plain(run.path == folder ? "." : Folder.lastName(of: run.path))
    let link = entry.page.map { HTML.element("a", [("href", Page.address($0))], text: name) }
    let words: [String] = [
      run.state.words, "\(Format.count(run.steps)) of \(Format.count(run.configuration.totalSteps))",
      best.map { RunHistory.words($0.metric) } ?? "", best.map { Format.significant($0.value) } ?? "",
      best.map { Format.count($0.step) } ?? "",
      run.summary?["final_loss"]?.number.map { Format.significant($0) } ?? "",
      entry.written.map { Self.moment($0) } ?? "",
    ]
    return [link ?? .text(name)] + words.map { .text($0) } + (withOrigin ? [.text(run.origin?.words ?? "")] : [])
  }

  private static func words(_ name: String) -> String { name.replacing("_", with: " ") }

  /// `2026-11-28 21:54`, in UTC.
  private static func moment(_ nanoseconds: Int) -> String {
    let text = Timestamp.text(Double(nanoseconds / 1_000_000_000))
    return text.prefix(16).replacing("T", with: " ") + " UTC"
  }
}

extension Page {
  /// A path as an address beside the page: RFC 3986, section 2.1.
  static func address(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = Array("./".utf8)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        text.append(byte)
      default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
