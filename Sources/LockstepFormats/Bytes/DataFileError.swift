/// What is wrong with a file of data, in the words of a compiler:
///
/// ```
/// people.csv:3:5: column "age": found "unknown", expected a number, as other cells of the column are (…)
/// x.npy: row 3, column 17: found nan, expected a finite number
/// ```
package struct DataFileError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The path of the file, as the user named it.
  package var file: String
  /// From 1, where the file has lines.
  package var line: Int?
  /// From 1, in bytes of the line.
  package var column: Int?
  /// The part of the file that is wrong: `column "age"`, `row 3`. Empty for the whole file.
  package var place: String
  package var found: String
  package var expected: String
  /// What to do, where that is known.
  package var hint: String?

  package init(
    _ file: String, line: Int? = nil, column: Int? = nil, place: String = "", found: String, expected: String,
    hint: String? = nil
  ) {
    (self.file, self.line, self.column, self.place) = (file, line, column, place)
    (self.found, self.expected, self.hint) = (found, expected, hint)
  }

  /// The error for a file that the system refuses to read.
  init(_ error: FileError) {
    self.init(error.path, found: "a file that cannot be read: \(error.problem)", expected: "a file of data")
  }

  package var description: String {
    var text = Folder.shown(file)
    if let line { text += ":\(line)" + (column.map { ":\($0)" } ?? "") }
    if !place.isEmpty { text += ": \(place)" }
    return "\(text): found \(found), expected \(expected)" + (hint.map { " (\($0))" } ?? "")
  }

  /// Runs `body`; the system's error becomes one of this type.
  static func wrapping<Result: ~Copyable>(_ body: () throws(FileError) -> Result) throws(DataFileError) -> Result {
    do throws(FileError) { return try body() } catch { throw DataFileError(error) }
  }
}
