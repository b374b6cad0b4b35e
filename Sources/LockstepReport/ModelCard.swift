import LockstepFormats
import LockstepRuns

/// What a run tells of its model to whoever is to use it, in the sections of Mitchell et al. 2019, "Model Cards for
/// Model Reporting" (https://doi.org/10.1145/3287560.3287596), as far as it knows them. Every number carries the digest
/// of the run that made it.
package struct ModelCard: Sendable {
  /// A part of a line.
  enum Piece: Sendable {
    case text(String)
    /// What is to be copied: a name, a digest, a date.
    case code(String)
    /// A number, or a sentence of numbers, and the digest of the run that made it.
    case figure(String, of: String)
  }

  /// A part of a section.
  enum Block: Sendable {
    case paragraph([Piece])
    /// Names with what they stand for.
    case facts([(name: String, line: [Piece])])
    case table([String], [[[Piece]]])
    /// Lines for a shell.
    case commands([String])
  }

  struct Section: Sendable {
    var title: String
    var blocks: [Block]
  }

  /// A run whose numbers are in the card.
  struct Run: Sendable {
    /// SHA-256 of the tensors of a checkpoint.
    var digest: String
    var facts: [(name: String, line: [Piece])]
  }

  /// As what it is written.
  package enum Format: Sendable {
    case markdown
    case html

    /// - Throws: `RunError.input` where the ending of `path` is neither `.md` nor `.html`.
    package init(file path: String) throws(RunError) {
      let name = Folder.lastName(of: path)
      switch name.lastIndex(of: ".").map({ String(name[$0...]) }) {
      case ".md": self = .markdown
      case ".html": self = .html
      case let ending:
        throw .input("\(path): found \(ending.map { "the ending \($0)" } ?? "no ending"), expected one of .md, .html")
      }
    }
  }

  /// The name of the run.
  var title: String
  var sections: [Section]
  /// Those whose digests the numbers carry.
  var runs: [Run]

  /// Under the title.
  static let subtitle =
    "A model card after Mitchell et al. 2019, as far as a run of Lockstep knows it. Behind every number stands the digest of the run that made it."

  /// The card as a file's text.
  package func text(as format: Format) -> String {
    switch format {
    case .markdown: markdown
    case .html: page.text
    }
  }
}

extension ModelCard.Piece {
  /// What stands for a digest of 64 digits beside a number.
  static func short(_ digest: String) -> String { String(digest.prefix(12)) }

  /// Where a run stands on the card.
  static func anchor(_ digest: String) -> String { "run-\(short(digest))" }
}
