import LockstepData
import LockstepFormats

/// The columns of a table that are copied to the predictions.
struct KeptColumns {
  /// Their numbers, in the order in which they were asked for.
  private(set) var places: [Int] = []
  /// Their names in the header; without a header, their numbers.
  private(set) var names: [String] = []

  /// - Parameters:
  ///   - asked: names, or numbers from 0. Where a table has names, a number is one if a column is called so.
  ///   - header: the names of the table's columns, if it has any.
  init(_ asked: [String], among header: [String]?, count: Int, _ path: String) throws(DataFileError) {
    let columns = CSVLayout.Columns(path: path, count: count, names: header)
    let references = asked.map { text in
      Int(text).flatMap { header == nil || columns.place(of: text) == nil ? ColumnReference.index($0) : nil }
        ?? .name(text)
    }
    do throws(DataFileError) { places = try columns.indices(references, key: "--keep") } catch {
      var error = error
      let split = header?.first { name in name.contains(",") && asked.contains { !$0.isEmpty && name.hasPrefix($0) } }
      if let split, error.hint == nil {
        error.hint = "a name with a comma stands in quotes: --keep '\"\(Display.plain(split))\"'"
      }
      throw error
    }
    names = places.map { header?[$0] ?? "\($0)" }
  }

  /// The names in `--keep id,"b, too"`: as in a row of a table, blanks around them do not count unless they are in
  /// quotes.
  static func names(in text: String) throws(RunError) -> [String] {
    var names: [String] = []
    var rest = Array(text.unicodeScalars)[...]
    func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar == " " || scalar == "\t" }
    while true {
      rest = rest.drop(while: isBlank)
      var name = String.UnicodeScalarView()
      if rest.first == "\"" {
        rest = rest.dropFirst()
        var isClosed = false
        while !isClosed, let scalar = rest.popFirst() {
          // Two quotes stand for one that belongs to the name.
          isClosed = scalar == "\"" && rest.first != "\""
          if scalar == "\"", !isClosed { rest = rest.dropFirst() }
          if !isClosed { name.append(scalar) }
        }
        rest = rest.drop(while: isBlank)
        guard isClosed, rest.isEmpty || rest.first == "," else {
          throw .input(
            "--keep: found \(Display.quoted(text)), expected names with commas between them; quotes stand around a whole name"
          )
        }
      } else {
        name.append(contentsOf: rest.prefix { $0 != "," })
        rest = rest.drop { $0 != "," }
        while isBlank(name.last) { name.removeLast() }
        guard !name.isEmpty else {
          throw .input(
            "--keep: found an empty name in \(Display.quoted(text)), expected names with commas between them")
        }
      }
      names.append(String(name))
      if rest.popFirst() == nil { return names }
    }
  }
}
