import Foundation
import LockstepData
import LockstepModel
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepConfiguration
@testable import LockstepProposal

/// What is proposed for files of all kinds, and that it trains as it is.
@Suite struct ProposalTests {
  /// A table of `rows` rows, of cells that `row` gives.
  private func table(_ header: String?, rows: Int = 60, separator: String = ",", _ row: (Int) -> [Any]) -> String {
    let lines = (0..<rows).map { row($0).map { "\($0)" }.joined(separator: separator) }
    return ([header].compactMap { $0 } + lines).joined(separator: "\n") + "\n"
  }

  /// A number between −1 and 1 that looks drawn.
  private func noise(_ index: Int, _ column: Int = 0) -> Double {
    (sin(Double(index * 7 + column * 131 + 1) * 12.9898) * 43758.5453).truncatingRemainder(dividingBy: 1)
  }

  private func propose(
    _ text: String, target: String? = nil, task: Proposal.Task? = nil, name: String = "data.csv"
  ) throws -> (proposal: Proposal, configuration: RunConfiguration) {
    try withTemporaryFolder { folder in
      let path = "\(folder)/\(name)"
      try Data(text.utf8).write(to: URL(filePath: path))
      let proposal = try Proposal(file: path, target: target, task: task, in: folder)
      let configuration = try RunConfiguration(yaml: proposal.yaml, file: "\(folder)/data.yaml")
      // It deserves no warning of any kind.
      #expect(configuration.advice() == [] && configuration.warnings == [])
      #expect(configuration.data.summary?.warnings == [])
      return (proposal, configuration)
    }
  }

  private func uses(_ proposal: Proposal) -> [String] {
    proposal.columns.map { column in
      switch column.use {
      case .feature: "\(column.name) \(column.kind)"
      case .target: "\(column.name) target"
      case .ignored(let reason): "\(column.name): \(reason)"
      }
    }
  }

  @Test("what is no feature is left out, and why is said")
  func columns() throws {
    let text = table("row,userId,day,name,note,same,empty,size,kind,code,answer") { i in
      let answer = ["no", "yes", "maybe"][i % 3]
      return [
        i, 1000 + (i * 37) % 1009, "2024-0\(1 + i / 28)-\(10 + i % 28 % 18)", "person \(i)", "text \(i % 47)", 5, "",
        noise(i),
        ["a", "b"][i % 2], "x\(i % 3)", answer,
      ]
    }
    let (proposal, configuration) = try propose(text, target: "answer")
    #expect(
      uses(proposal) == [
        "row: it counts the rows", "userId: an id: no two rows have the same", "day: dates",
        "name: names or ids: no two rows have the same", "note: too many different words, 47, to be categories",
        "same: a constant", "empty: it is empty", "size numbers", "kind categories",
        "code: it says what the target says", "answer target",
      ])
    #expect(configuration.data.features == 3 && configuration.data.task == .classification(classes: 3))
    #expect(configuration.loss == .softmaxCrossEntropy && configuration.data.standardize)
  }

  @Test("a number that is the target in another unit is left out")
  func copiesOfNumbers() throws {
    let text = table("miles,height,kilometres,year") { i in
      [Double(i * i) * 0.25 + 3, noise(i), (Double(i * i) * 0.25 + 3) * 1.609, 1990 + i % 9]
    }
    let (proposal, configuration) = try propose(text, target: "miles")
    #expect(uses(proposal)[2] == "kilometres: it says what the target says")
    #expect(configuration.data.features == 2 && configuration.data.standardizeTargets)
    #expect(configuration.loss == .meanSquaredError)
  }

  @Test("classes are words, two values, or numbers from 0 or 1 on of which there are a few")
  func tasks() throws {
    func task(_ values: [Any], _ wanted: Proposal.Task? = nil) throws -> LearningTask {
      try propose(table("x,z,y") { [noise($0), noise($0, 1), values[$0 % values.count]] }, task: wanted).configuration
        .data.task
    }
    #expect(try task(["b", "a"]) == .classification(classes: 2))
    #expect(try task([0, 1]) == .classification(classes: 2))
    #expect(try task([-1, 1]) == .classification(classes: 2))
    #expect(try task([1, 2, 3, 4, 5]) == .classification(classes: 5))
    #expect(try task([true, false]) == .classification(classes: 2))
    #expect(try task([0.5, 1, 1.5]) == .regression(targets: 1))
    #expect(try task([100, 200, 300]) == .regression(targets: 1))
    #expect(try task((0..<30).map { $0 }) == .regression(targets: 1))
    #expect(try task([1, 2, 3, 4, 5], .regression) == .regression(targets: 1))
    #expect(try task([100, 200, 300], .classification) == .classification(classes: 3))
  }

  @Test("gaps, categories that are new, and targets that are missing have their settings")
  func gaps() throws {
    let text = table("x,kind,y") { i in
      [
        i % 7 == 0 ? "" : "\(noise(i))", i % 11 == 0 ? "NA" : ["a", "b", "c"][i % 3],
        i % 13 == 5 ? "" : ["u", "v"][i % 2],
      ]
    }
    let configuration = try propose(text).configuration
    #expect(configuration.data.missing == .mean && configuration.data.unknown == .ignore)
    #expect(configuration.data.missingTarget == .drop)
    // A word among numbers stands for nothing, as `NA` still does.
    let words = table("x,z,y") { i in [i % 9 == 0 ? "none seen" : "\(noise(i))", noise(i, 1), ["u", "v"][i % 2]] }
    let (proposal, read) = try propose(words)
    #expect(uses(proposal)[0] == "x numbers" && read.data.missing == .mean && read.data.features == 2)
  }

  @Test("delimiter, decimal comma, thousands and a missing header are found", arguments: [",", ";", "\t", "|"])
  func notations(separator: String) throws {
    let plain = table("x\(separator)z\(separator)y", separator: separator) {
      [noise($0), noise($0, 1), ["u", "v"][$0 % 2]]
    }
    #expect(try propose(plain).configuration.data.features == 2)
    let headless = table(nil, separator: separator) { [noise($0), noise($0, 1), ["u", "v"][$0 % 2]] }
    let (proposal, configuration) = try propose(headless)
    #expect(proposal.columns.map(\.name) == ["0", "1", "2"] && configuration.data.samples == 48)
    guard separator != "," else {
      let grouped = table("x,y") { ["\"\(1 + $0 % 9),\(100 + $0)\"", ["u", "v"][$0 % 2]] }
      return #expect(uses(try propose(grouped).proposal)[0] == "x whole numbers")
    }
    let german = table("x\(separator)y", separator: separator) {
      ["\(noise($0))".replacing(".", with: ","), ["u", "v"][$0 % 2]]
    }
    #expect(uses(try propose(german).proposal)[0] == "x numbers")
  }

  @Test("names that number the columns are names, a row of numbers is a row")
  func numberedColumns() throws {
    func names(_ header: String?, target: String? = nil, _ row: @escaping (Int) -> [Any]) throws -> [String] {
      try propose(table(header, row), target: target).proposal.columns.map(\.name)
    }
    // As pandas writes arrays: the features numbered, the target called.
    let two: (Int) -> [Any] = { [self.noise($0), self.noise($0, 1), ["u", "v"][$0 % 2]] }
    for target in [nil, "target"] {
      #expect(try names("0,1,target", target: target, two) == ["0", "1", "target"])
      #expect(try names("1,2,target", target: target, two) == ["1", "2", "target"])
    }
    #expect(try names("3,7,target", target: "target", two) == ["3", "7", "target"])
    #expect(
      try names("0,1,2,3,4") { row in (0..<5).map { self.noise(row, $0) } } == ["0", "1", "2", "3", "4"])
    // Columns of two values begin with any of them; its word stands below, too.
    #expect(try names("0,1,v") { [$0 / 2 % 2, $0 / 4 % 2, ["u", "v"][$0 % 2]] } == ["0", "1", "2"])
    #expect(try names("0.5,1,v", two) == ["0", "1", "2"])
  }

  @Test("the target is the column that is called so, else the last that could be one")
  func likelyTarget() throws {
    func likely(_ header: String) throws -> String? {
      try withTemporaryFolder { folder in
        let path = "\(folder)/data.csv"
        try Data(table(header) { [noise($0), ["u", "v"][$0 % 2], noise($0, 1), $0] }.utf8).write(
          to: URL(filePath: path))
        return try DataSurvey(file: path).targets?.likely
      }
    }
    #expect(try likely("a,b,c,n") == "c")
    #expect(try likely("a,Species,c,n") == "Species")
    #expect(try likely("target,b,label,n") == "target")
  }

  @Test(
    "sizes follow from the number of rows, and never ask for more than there is",
    arguments: [3, 10, 40, 100, 1000, 5000, 60_000])
  func sizes(rows: Int) throws {
    let text = table("x,z,y", rows: rows) { [noise($0), noise($0, 1), $0 % 3] }
    let configuration = try propose(text, task: .regression).configuration
    #expect(configuration.training.batchSize <= max(1, rows) && configuration.totalSteps >= 20)
  }

  @Test("names that YAML, or a path, could take for something else")
  func names() throws {
    let text = table("\"a: b\",\"#x\",true,\"ÿ,\"\"\"") { [noise($0), $0, noise($0, 1), ["u", "v"][$0 % 2]] }
    let (proposal, configuration) = try propose(text, name: "my data, 2: final.csv")
    #expect(uses(proposal) == ["a: b numbers", "#x: it counts the rows", "true numbers", "ÿ,\" target"])
    #expect(configuration.data.features == 2 && configuration.name == "my data- 2- final")
  }

  @Test("what cannot be learned is refused with what to do")
  func refusals() throws {
    func message(_ text: String, target: String? = nil, task: Proposal.Task? = nil, name: String = "data.csv") -> String
    {
      do {
        _ = try propose(text, target: target, task: task, name: name)
        return "nothing"
      } catch { return "\(error)" }
    }
    let text = table("x,name,y") { [noise($0), "person \($0)", ["u", "v"][$0 % 2]] }
    #expect(message(text, target: "z").contains("target: found no column \"z\", expected one of"))
    #expect(message(text, target: "y", task: .regression).contains("expected numbers, for a regression"))
    #expect(message(text, target: "name").contains("60 different values in 60 rows, expected classes"))
    #expect(message(table("x,y") { [noise($0), 1 + $0 * 0] }, target: "y").contains("one value alone"))
    #expect(message(table("x,y") { [$0, noise($0)] }, target: "y").contains("no column to learn from"))
    #expect(
      message(table("x,x,y") { [noise($0), noise($0, 1), ["u", "v"][$0 % 2]] }).contains("the column \"x\" twice"))
    #expect(message("x,y\n", target: "y").contains("a header and no row"))
    #expect(message("x,y\n1,2\n3\n", target: "y").contains(":3:1: found 1 cell, expected 2, as in line 1"))
    #expect(message(text, name: "data.parquet").contains("an ending that is that of no format"))
  }

  /// Writes grey pictures of these sizes, one after the other.
  private func pictures(_ folder: String, _ sizes: [(Int, Int)]) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (number, (height, width)) in sizes.enumerated() {
      let pixels = (0..<height * width).map { UInt8(truncatingIfNeeded: $0 * 7 + number * 31) }
      try write(PNGFile(height: height, width: width, pixels: pixels).bytes, to: "\(folder)/\(number).png")
    }
  }

  private func proposal(ofFolder path: String, in folder: String) throws -> (Proposal, RunConfiguration) {
    let proposal = try Proposal(file: path, in: folder)
    let configuration = try RunConfiguration(yaml: proposal.yaml, file: "\(folder)/data.yaml")
    #expect(configuration.warnings == [] && configuration.data.summary?.warnings == [])
    return (proposal, configuration)
  }

  @Test("a folder of pictures: its subfolders are the classes, and pictures come to a size that suits")
  func folders() throws {
    try withTemporaryFolder { folder in
      for name in ["oak", "elm", "ash"] {
        try pictures("\(folder)/small/\(name)", Array(repeating: (20, 24), count: name == "oak" ? 12 : 10))
        try pictures("\(folder)/large/\(name)", Array(repeating: (100, 120), count: 10))
        try pictures("\(folder)/mixed/\(name)", (0..<10).map { (20 + $0, 60 - $0) })
        try pictures("\(folder)/rail/\(name == "oak" ? "train" : name)", Array(repeating: (20, 20), count: 9))
        try pictures("\(folder)/cut/train/\(name)", Array(repeating: (20, 20), count: 9))
        try pictures("\(folder)/cut/val/\(name)", Array(repeating: (20, 20), count: 2))
      }
      let (small, configuration) = try proposal(ofFolder: "\(folder)/small/", in: folder)
      #expect(small.notes == ["3 classes, the subfolders ash, elm, oak, of 10 to 12 pictures"] && small.name == "small")
      #expect(configuration.model.input == .image(height: 20, width: 24, channels: 1))
      #expect(configuration.data.task == .classification(classes: 3) && configuration.data.standardize)
      #expect(configuration.model.layers.first?.word == "conv2d")
      let (large, scaled) = try proposal(ofFolder: "\(folder)/large", in: folder)
      #expect(scaled.model.input == .image(height: 64, width: 64, channels: 1))
      #expect(large.notes.last?.hasPrefix("pictures of 100 × 120 are brought to 64 × 64") == true)
      let (mixed, cropped) = try proposal(ofFolder: "\(folder)/mixed", in: folder)
      #expect(cropped.model.input == .image(height: 25, width: 25, channels: 1))
      #expect(mixed.notes.last?.hasPrefix("pictures of several sizes, such as 20 × 60 and 21 × 59, are") == true)
      // From within the folder, too.
      let (inside, _) = try proposal(ofFolder: "\(folder)/small", in: "\(folder)/small")
      #expect(inside.yaml.contains("{pictures: {path: ") && !inside.yaml.contains("path: \"\""))
      // Subfolders that are called like parts of data are no classes.
      #expect(try proposal(ofFolder: "\(folder)/rail", in: folder).1.data.task == .classification(classes: 3))
      let (cut, parts) = try proposal(ofFolder: "\(folder)/cut", in: folder)
      #expect(
        cut.notes == ["3 classes, the subfolders ash, elm, oak, of 9 pictures", "trained on train, watched by val"])
      try FileManager.default.moveItem(atPath: "\(folder)/cut/train", toPath: "\(folder)/cut/Training")
      try FileManager.default.moveItem(atPath: "\(folder)/cut/val", toPath: "\(folder)/cut/Test")
      #expect(
        try proposal(ofFolder: "\(folder)/cut", in: folder).0.notes.last == "trained on Training, watched by Test")
      #expect(parts.data.task == .classification(classes: 3) && parts.data.validation != nil)
      #expect(cut.yaml.contains("  validation: {pictures: {path: \"\(folder)/cut/val\"}}"))
    }
  }

  @Test("a folder that cannot be learned from is refused")
  func refusedFolders() throws {
    try withTemporaryFolder { folder in
      func message(_ name: String, target: String? = nil, task: Proposal.Task? = nil) -> String {
        do {
          _ = try Proposal(file: "\(folder)/\(name)", target: target, task: task, in: folder)
          return "nothing"
        } catch { return "\(error)" }
      }
      try pictures("\(folder)/one/oak", [(3, 3)])
      try pictures("\(folder)/none", [])
      try pictures("\(folder)/flat", [(3, 3)])
      for name in ["oak", "elm"] { try pictures("\(folder)/two/\(name)", [(9, 9), (9, 9)]) }
      #expect(message("one").contains("one class alone, \"oak\", expected two at least"))
      #expect(
        message("two/oak/0.png").contains("found a picture alone, expected the folder of all, a subfolder a class"))
      #expect(message("two/oak/7.png").contains("found no such file or folder, expected one of data"))
      // A folder of other things is told nothing about classes.
      try FileManager.default.createDirectory(atPath: "\(folder)/other/texts", withIntermediateDirectories: true)
      try write(Array("x".utf8), to: "\(folder)/other/texts/a.txt")
      #expect(message("other").contains("other: found no picture, expected files that end in .png, .jpg or .jpeg, in"))
      try pictures("\(folder)/half/oak", [(3, 3)])
      try FileManager.default.createDirectory(atPath: "\(folder)/half/elm", withIntermediateDirectories: true)
      #expect(message("half").contains("half/elm: found a subfolder without a picture"))
      #expect(message("two/oak").contains("a picture beside the subfolders"))
      #expect(message("nowhere").contains("nowhere: found no such file or folder, expected one of data"))
      #expect(message("none").contains("found no picture, expected files that end in .png"))
      #expect(message("flat").contains("a picture beside the subfolders"))
      #expect(message("two", target: "oak").contains("target: found \"oak\", expected none"))
      #expect(message("two", task: .regression).contains("expected numbers (their subfolders are classes"))
      #expect(message("two", task: .classification) == "nothing")
      // A run is no folder of data.
      try write(Array("name: x\n".utf8), to: "\(folder)/two/config.yaml")
      #expect(message("two").contains("an ending that is that of no format"))
    }
  }
}
