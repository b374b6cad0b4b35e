import Foundation
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// Tables of text in every dialect, beside what pandas.read_csv makes of them.
@Suite("Tables against pandas", .enabled(if: PrivatePython.has("numpy", "pandas"), PrivatePython.excuse))
struct PandasTests {
  private struct Case: Decodable {
    var file: String
    var delimiter: String
    var quote: String
    var decimal: String
    var thousands: String?
    var comment: String?
    /// nil for the usual ones.
    var missing: [String]?
    var skip: Int
    var header: Bool
    /// By column: its numbers in float64, or its words; nil in either for what is missing.
    var columns: [Column]
  }

  private struct Column: Decodable {
    var numbers: [Double?]?
    var words: [String?]?
  }

  /// Random tables: quotes where they must stand and where they need not, blanks before them, line ends of Unix and
  /// Windows in and between rows, comments, lines before the table, groups of thousands, and every word for nothing.
  /// pandas reads with float_precision="round_trip", which rounds each number once.
  @Test func everyDialect() throws {
    let script = """
      import json, numpy as np, pandas as pd
      usual = ["?", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"]
      words = ["a", "A", "a b", "x;y", "p,q", "t|u", 'say "hi"', "it's", "two\\nlines", "two\\r\\nlines", "no#comment", "c!", "é", "e\\u0301", "Ω", "\\u2126", "kelvin K",
        "tab\\there", " kept ", "NA", "nan", "?", "NAN", "none", "-", "2020-01-02", "12:30", "true", "5 m"]
      cases = []
      for seed in range(120):
          r = np.random.default_rng(seed)
          pick = lambda values: values[int(r.integers(len(values)))]
          delimiter = pick([",", ";", "\\t", "|", " "])
          quote, decimal = pick(['"', '"', "'"]), pick([".", ".", ","])
          thousands = pick([None, None, ".", ",", " ", "'", "_"])
          if thousands == decimal or thousands == quote: thousands = None
          comment = pick([None, None, "#", "!"])
          missing = pick([None, [], ["-", "unknown"], ["-999", "NA"], ["-999", "n,a", "miss 'ing'"]])
          rows, end, skip, header = int(r.integers(1, 40)), pick(["\\n", "\\r\\n"]), int(r.integers(0, 3)), bool(r.integers(0, 4))
          special = [delimiter, quote, "\\n", "\\r"] + ([comment] if comment else [])
          def cell(text, may_stay=True, quotes=None):
              must = any(c in text for c in special) or text != text.strip() or text == ""
              if (must or r.random() < 0.2) if quotes is None else (must or quotes):
                  blank = " " * int(r.integers(0, 3)) if delimiter != " " and r.random() < 0.3 else ""
                  return blank + quote + text.replace(quote, quote + quote) + quote
              return text
          def number():
              kind = r.integers(5)
              if kind == 0: text = str(int(r.integers(-2_000_000_000, 2_000_000_000)))
              elif kind == 1: text = f"{r.normal() * 10 ** float(r.integers(-3, 8)):.{int(r.integers(0, 7))}f}"
              elif kind == 2: text = repr(float(r.normal() * 10.0 ** float(r.integers(-3, 4))))
              elif kind == 3: text = f"{r.normal():.5e}"
              else: text = str(int(r.integers(-9, 10)))
              if "e" not in text and thousands and r.random() < 0.7:
                  whole, point, rest = text.partition(".")
                  text = f"{int(whole):,}".replace(",", "\\x00") + point + rest if whole not in ("-0",) else text
              text = text.replace(".", decimal)
              return text.replace("\\x00", thousands or "")
          def nothing(words_too):
              # The usual words stand for nothing outside quotes alone, which pandas does not tell apart: they are not put in any.
              names = usual if missing is None else missing
              if not names or r.random() < 0.3: return ""
              name = pick([n for n in names if not any(c in n for c in special)] or [""]) if missing is None else pick(names)
              return name if missing is None else cell(name)
          kinds = [pick(["number", "number", "word"]) for _ in range(int(r.integers(1, 6)))]
          grid, names = [], [f"n{i}" + pick(["", " x", "é", "," , ";", quote]) for i in range(len(kinds))]
          known = set(usual if missing is None else missing) | {""}
          for row in range(rows):
              line = []
              for kind in kinds:
                  if row and r.random() < 0.15: line.append(nothing(kind == "word"))
                  elif kind == "number": line.append(cell(number()) if delimiter == " " or r.random() < 0.5 else " " * int(r.integers(0, 2)) + cell(number()) + " " * int(r.integers(0, 2)))
                  else:
                      word = pick([w for w in words if w not in known])
                      line.append(cell(word))
              grid.append(line)
          # The target, so that no row is blank.
          grid, names = [line + ["0"] for line in grid], names + ["target"]
          text = "".join(f"before the table {i}" + end for i in range(skip))
          if header: text += delimiter.join(cell(n) for n in names) + end
          for line in grid:
              if comment and r.random() < 0.2: text += comment + "note, " + quote + delimiter + end
              if r.random() < 0.1: text += end
              text += delimiter.join(line) + (comment + " note" if comment and r.random() < 0.2 else "") + end
          file = f"{seed}.csv"
          open(file, "w", encoding="utf-8", newline="").write(text if r.random() < 0.7 else text[:-len(end)])
          frame = pd.read_csv(file, sep=delimiter, quotechar=quote, decimal=decimal, thousands=thousands, comment=comment, skiprows=skip,
            header=0 if header else None, na_values=sorted(known), keep_default_na=False, skipinitialspace=delimiter != " ", float_precision="round_trip",
            dtype={(names[i] if header else i): str for i, k in enumerate(kinds) if k == "word"})
          assert len(frame) == len(grid), (seed, len(frame), len(grid))
          columns = []
          for i, kind in enumerate(kinds):
              values = frame.iloc[:, i]
              if kind == "word": columns.append(dict(words=[None if pd.isna(v) else v for v in values]))
              else:
                  assert values.dtype.kind in "if", (seed, i, values.tolist())
                  columns.append(dict(numbers=[None if pd.isna(v) else float(v) for v in values]))
          cases.append(dict(file=file, delimiter=delimiter, quote=quote, decimal=decimal, thousands=thousands, comment=comment, missing=missing, skip=skip, header=header, columns=columns))
      json.dump(cases, open("cases.json", "w"))
      """
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", script], in: folder)
      try #require(outcome.status == 0, "\(outcome.output)")
      let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: "\(folder)/cases.json")))
      var numbers = 0
      for one in cases {
        let found = try read(one, in: folder)
        #expect(found.count == one.columns.count, "\(one.file)")
        for (column, (found, expected)) in zip(found, one.columns).enumerated() {
          let place = "\(one.file), column \(column)"
          if let words = expected.words {
            // Bytes, because Swift's strings are equal where Unicode takes them for the same.
            #expect(
              found.words?.map { $0.map { Array($0.utf8) } } == words.map { $0.map { Array($0.utf8) } }, "\(place)")
          } else if let values = expected.numbers {
            #expect(found.numbers?.map { $0?.bitPattern } == values.map { $0?.bitPattern }, "\(place)")
            numbers += values.count
          }
        }
      }
      #expect(cases.count == 120 && numbers > 3000)
    }
  }

  /// The columns of a table but the last, its target; numbers in Double.
  private func read(_ one: Case, in folder: String) throws -> [Column] {
    var source = CSVSource(path: "\(folder)/\(one.file)", targets: [.index(-1)], hasHeader: one.header)
    source.dialect = CSVDialect(
      delimiter: Character(one.delimiter), quote: Character(one.quote), decimal: Character(one.decimal),
      thousands: one.thousands.map { Character($0) }, missingWords: one.missing,
      comment: one.comment.map { Character($0) }, skippedLines: one.skip)
    let table = try CSVTable.read(source, SampleRules(kind: .numbers, fillsMissing: true, isPrecise: true))
    var columns = table.columns.map { column in
      column.categories == nil ? Column(numbers: [], words: nil) : Column(numbers: nil, words: [])
    }
    for row in 0..<table.count {
      table.features.forEach(row: row) { column, value in
        let names = table.columns[column].categories
        columns[column].numbers?.append(value.isNaN ? nil : value)
        columns[column].words?.append(value.isNaN ? nil : names?[Int(value)].name)
      }
    }
    return columns
  }
}
