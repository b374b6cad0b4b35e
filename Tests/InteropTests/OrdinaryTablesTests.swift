import Foundation
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

/// The tables that come with scikit-learn, as pandas writes them: nothing is warned of, and what is said of them is so.
@Suite("Ordinary tables", .enabled(if: PrivatePython.has("numpy", "pandas", "sklearn"), PrivatePython.excuse))
struct OrdinaryTablesTests {
  private struct Table: Decodable {
    var name: String
    var rows: Int
    var features: Int
    /// Names of the classes as scikit-learn has them; nil for numbers.
    var classes: [String]?
    /// Columns that hold one value.
    var constant: [String]
  }

  private static let make = """
    import json, numpy as np, pandas as pd
    from sklearn import datasets
    tables = []
    for name in ["iris", "digits", "breast_cancer", "wine", "diabetes", "linnerud"]:
        data = getattr(datasets, f"load_{name}")(as_frame=True)
        frame, classes = data.data.copy(), None
        if name in ("diabetes", "linnerud"):
            frame["target"] = np.asarray(data.target).reshape(len(frame), -1)[:, 0]
        else:
            names = [str(n) for n in data.target_names]
            frame["target"] = [names[k] for k in data.target]
            classes = sorted(names, key=int) if name == "digits" else sorted(names)
        frame.to_csv(f"{name}.csv", index=False)
        frame.to_csv(f"{name}-index.csv")
        frame.to_csv(f"{name}-european.csv", index=False, sep=";", decimal=",", quoting=2)
        np.save(f"{name}-x.npy", data.data.to_numpy("f8"))
        np.save(f"{name}-y.npy", np.asarray(data.target).reshape(len(frame), -1)[:, 0])
        constant = [c for c in data.data.columns if data.data[c].nunique() == 1]
        tables.append(dict(name=name, rows=len(frame), features=data.data.shape[1], classes=classes, constant=constant))
    print(json.dumps(tables))
    """

  private func summary(_ source: FileSource, _ table: Table, isStandardized: Bool, split: DataSplit? = nil) throws
    -> DataSummary
  {
    let kind: TargetKind = table.classes == nil ? .numbers : .classes
    let files = try FileData(
      opening: FileData.Description(train: source, split: split, isStandardized: isStandardized, kind: kind))
    if let classes = table.classes, case .csv = source {
      #expect(files.preprocessing.targets == .classes(classes), "\(table.name)")
    }
    #expect(files.preprocessing.columns.allSatisfy { !$0.isCategory })
    return try #require(files.contents.summary)
  }

  @Test func nothingIsWarnedOf() throws {
    try withTemporaryFolder { folder in
      let outcome = try PrivatePython.run(["-c", Self.make], in: folder)
      try #require(outcome.status == 0, "\(outcome.output)")
      let tables = try JSONDecoder().decode([Table].self, from: Data(outcome.output.utf8))
      #expect(tables.count == 6)
      for table in tables {
        func csv(_ name: String, _ change: (inout CSVSource) -> Void = { _ in }) -> FileSource {
          var source = CSVSource(path: "\(folder)/\(table.name)\(name).csv", targets: [.name("target")])
          change(&source)
          return .csv(source)
        }
        let arrays = FileSource.npy(features: "\(folder)/\(table.name)-x.npy", targets: "\(folder)/\(table.name)-y.npy")
        let european = csv("-european") { ($0.dialect.delimiter, $0.dialect.decimal) = (";", ",") }
        for isStandardized in [false, true] {
          for (source, split) in [
            (csv(""), nil), (csv(""), DataSplit.share(0.2, seed: 1)), (european, nil), (arrays, nil),
          ] {
            let summary = try summary(source, table, isStandardized: isStandardized, split: split)
            // Three pixels of the digits are always white.
            let constant = table.constant.isEmpty ? 0 : split == nil ? table.constant.count : summary.warnings.count
            #expect(summary.warnings.count == constant, "\(table.name): \(summary.warnings)")
            #expect(summary.warnings.allSatisfy { $0.contains("same value") }, "\(table.name): \(summary.warnings)")
            if source.kind == "csv" {
              for name in table.constant {
                #expect(summary.warnings.contains { $0.contains("\"\(name)\"") }, "\(name)")
              }
            }
            #expect(
              summary.lines[0].contains("\(Format.count(table.rows)) rows")
                && summary.lines[0].contains("\(table.features) numbers"), "\(summary.lines)")
          }
          // With the index that pandas writes unless it is told not to.
          let withIndex = try summary(
            csv("-index"),
            Table(
              name: table.name, rows: table.rows, features: table.features + 1, classes: table.classes, constant: []),
            isStandardized: isStandardized)
          #expect(withIndex.warnings.count == 1 + table.constant.count, "\(table.name): \(withIndex.warnings)")
          #expect(
            withIndex.warnings.contains { $0.contains("column 0") && $0.contains("ignore: [0]") }, "\(table.name)")
        }
      }
    }
  }
}
