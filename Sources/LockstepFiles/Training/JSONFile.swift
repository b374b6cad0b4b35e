/// A JSON file that a person asked for.
public enum JSONFile {
  /// Writes `object` to `path`; at every instant the old text or the new one stands there.
  public static func write(_ object: JSONObject, to path: String) throws(RunError) {
    try asFailure { () throws(FileError) in
      try TemporaryFile.replace(path, with: JSONValue.object(object).prettyText + "\n")
    }
  }
}
