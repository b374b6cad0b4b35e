import LockstepFormats

/// A file that a person asked for beside the result on the terminal.
package enum ResultFile {
  /// Writes `text` to `path`; at every instant the old text or the new one stands there.
  package static func write(_ text: String, to path: String) throws(RunError) {
    try asFailure { () throws(FileError) in try TemporaryFile.replace(path, with: text) }
  }
}

/// A JSON file that a person asked for.
package enum JSONFile {
  /// Writes `object` to `path`; at every instant the old text or the new one stands there.
  package static func write(_ object: JSONObject, to path: String) throws(RunError) {
    try write(value: .object(object), to: path)
  }

  /// Writes any JSON to `path`; at every instant the old text or the new one stands there.
  package static func write(value: JSONValue, to path: String) throws(RunError) {
    try ResultFile.write(value.prettyText + "\n", to: path)
  }
}
