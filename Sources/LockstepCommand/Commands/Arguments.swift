import ArgumentParser
import Lockstep

/// What a shell offers where such a path is asked for.
extension CompletionKind {
  static let configuration = CompletionKind.file(extensions: ["yaml", "yml", "json"])
  static let checkpoint = CompletionKind.file(extensions: ["zst"])
}

/// Throws where a count is given and is none.
func requirePositive(_ count: Int?, _ option: String) throws {
  if let count, count < 1 { throw RunError.input("\(option) \(count): expected at least 1") }
}

/// Throws where an argument that should be a path is empty, as an unset variable of a shell script leaves it.
func requirePath(_ path: String, _ what: String) throws {
  if path.isEmpty { throw RunError.input("\(what): found an empty path") }
}

/// Throws where no file can be written to `path` for a reason that is known before there is anything to write.
func requireWritable(_ path: String, _ what: String) throws {
  try requirePath(path, what)
  let above = Folder.parent(of: path)
  if (try? Folder.item(at: above)) != .folder { throw RunError.input("\(what) \(path): there is no folder \(above)") }
  if (try? Folder.item(at: path)) == .folder {
    throw RunError.input("\(what) \(path): found a folder, expected the path of a file")
  }
}

/// What a page of results says of its data.
enum ResultPage {
  /// - Parameter data: what `--data` says.
  static func name(of data: String?) -> String { data.map { Display.plain($0) } ?? "the run's validation data" }
}
