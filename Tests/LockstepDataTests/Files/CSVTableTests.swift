import SampleSupport
import TestSupport
import Testing

@testable import LockstepData
@testable import LockstepFormats

@Suite("Samples of tables of text")
struct CSVTableTests {
  private func open(
    _ text: String, _ description: (String) -> FileData.Description
  ) throws -> (data: FileData, inputs: [[Float]], targets: [[Float]]) {
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      return try training(description("\(folder)/t.csv"))
    }
  }

  private func fail(_ text: String, _ description: (String) -> FileData.Description = { .csv($0) }) throws -> String {
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      return problem(description("\(folder)/t.csv"))
    }
  }

  @Test func classesAreSortedNames() throws {
    let (data, inputs, targets) = try open("a,y,b\n1,pear,2\n3,10,4\n5,9,6\n7,Äpfel,8\n9,pear,1\n") { .csv($0) }
    #expect(inputs == [[1, 2], [3, 4], [5, 6], [7, 8], [9, 1]])
    #expect(data.preprocessing.targets == .classes(["10", "9", "pear", "Äpfel"]))
    #expect(targets == [[2], [0], [1], [3], [2]])
    #expect(data.preprocessing.columns.map(\.name) == ["a", "b"])
  }

  @Test func numbersUnderALossOfRegression() throws {
    let (data, inputs, targets) = try open("a,y,z\n1,2,3\n4,5e-1,6\n") {
      .csv($0, kind: .numbers) { $0.targets = [.name("z"), .name("y")] }
    }
    #expect(inputs == [[1], [4]] && targets == [[3, 2], [6, 0.5]])
    #expect(data.preprocessing.targets == .numbers(2) && data.preprocessing.targetNames == ["z", "y"])
  }

  @Test func columnsByNumberWithoutHeader() throws {
    let (data, inputs, targets) = try open("7;1;u\n8;2;v\n") {
      .csv($0, target: .index(-1)) { ($0.hasHeader, $0.dialect.delimiter, $0.ignored) = (false, ";", [.index(0)]) }
    }
    #expect(inputs == [[1], [2]] && targets == [[0], [1]])
    #expect(data.preprocessing.columns.map(\.name) == [nil])
  }

  @Test func categoriesBecomeOneInputEach() throws {
    let (data, inputs, _) = try open("n,color,code,y\n1,red,3,u\n2,blue,1,v\n3,red,3,u\n") {
      .csv($0) { $0.categorical = [.name("code")] }
    }
    #expect(inputs == [[1, 0, 1, 0, 1], [2, 1, 0, 1, 0], [3, 0, 1, 0, 1]])
    #expect(
      data.preprocessing.columns[1].categories == ["blue", "red"]
        && data.preprocessing.columns[2].categories == ["1", "3"])
    #expect(data.preprocessing.features == 5)
  }

  @Test func missingCellsTakeTheMean() throws {
    let (data, inputs, _) = try open("a,c,y\n1,r,u\n,b,v\nNA,,u\n5,r,v\n") { .csv($0, missing: true) }
    #expect(inputs == [[1, 0, 1], [3, 1, 0], [3, 0, 0], [5, 0, 1]])
    #expect(data.preprocessing.columns[0].encoding == .number(mean: 3, deviation: 1))
    #expect(
      try fail("a,y\n1,u\n,v\n").contains(
        "t.csv:3:1: column \"a\": found an empty cell, expected a number (missing: mean"))
    #expect(
      try fail("a,y\n1,u\n2,\n") { .csv($0, missing: true) }.contains(
        "t.csv:3:3: column \"y\": found an empty cell, expected a class"))
  }

  /// Mean and deviation of the population, as scikit-learn's StandardScaler takes them; a constant is only moved.
  @Test func numbersAreStandardised() throws {
    let (data, inputs, _) = try open("a,k,y\n1,7,u\n2,7,v\n3,7,u\n6,7,v\n") { .csv($0, standardize: true) }
    let deviation = 3.5.squareRoot()
    #expect(data.preprocessing.columns[0].encoding == .number(mean: 3, deviation: deviation))
    #expect(inputs == [1, 2, 3, 6].map { [Float(($0 - 3) / deviation), 0] })
  }

  @Test func statisticsAreThoseOfTheTrainingPart() throws {
    let text = "a,y\n" + (0..<40).map { "\($0 * $0),\($0 % 2)\n" }.joined()
    try withTemporaryFolder { folder in
      try write(text, to: "\(folder)/t.csv")
      let data = try FileData(opening: .csv("\(folder)/t.csv", split: .fold(1, of: 4, seed: 5), standardize: true))
      let sets = data.sets
      let validation = try #require(sets.validation)
      #expect(sets.train.count == 30 && validation.count == 10 && data.preprocessing.samples == 30)
      let inputs = try samples(of: sets.train).inputs.map { Double($0[0]) }
      // Of the training part mean 0 and variance 1, of the whole not.
      #expect(abs(inputs.reduce(0, +)) < 1e-5 && abs(inputs.reduce(0) { $0 + $1 * $1 } / 30 - 1) < 1e-6)
      let all = inputs + (try samples(of: validation).inputs.map { Double($0[0]) })
      #expect(Set(all).count == 40 && abs(all.reduce(0, +)) > 0.1)
    }
  }

  @Test func badCellsAreNamed() throws {
    #expect(
      try fail("a,b,y\n1,2,u\n3,x4,v\n").contains(
        "t.csv:3:3: column \"b\": found \"x4\", expected a number, as other cells of the column are (list the column under categorical"
      ))
    #expect(
      try fail("a,y\n1,u\n1e39,v\n").contains(
        "t.csv:3:1: column \"a\": found \"1e39\", expected a number that float32 holds"))
    #expect(try fail("a,y\n1,u\ninf,v\n").contains("found \"inf\", expected a number"))
    #expect(try fail("a,b,y\n1,2,u\n3,v\n").contains("t.csv:3: found 2 cells, expected 3, as in line 1"))
    #expect(try fail("a;y\n1;u\n2,5;v\n").contains("target: found no column \"y\""))
    #expect(
      try fail("a,y\n1,2\n2,x\n") { .csv($0, kind: .numbers) }.contains(
        "t.csv:3:3: column \"y\": found \"x\", expected a number (for classes take"))
    #expect(try fail("a,y\n").contains("found a header and no row"))
    #expect(try fail("a,y,a\n1,2,3\n").contains("header: found the column \"a\" twice"))
    #expect(try fail("1,2,1\n1,2,3\n").contains("is there no header? header: false"))
    #expect(try fail("y\nu\nv\n").contains("found no column but the targets"))
    #expect(try fail("a,y\n1,u\n2,u\n").contains("found one class, u, expected at least 2"))
    #expect(
      try fail("a,label\n1,u\n") { .csv($0, target: .name("lable")) }.contains(
        "found no column \"lable\", expected one of a, label (did you mean label?)"))
    #expect(try fail("a,y\n1,u\n") { .csv($0, target: .index(2)) }.contains("target: found column 2 of 2"))
    #expect(try fail("a,y\n1,u\n2,v\n") { .csv($0) { $0.ignored = [.name("y")] } } == "")
  }

  @Test func aCategoryOfValidationAloneIsUnknown() throws {
    let text = "c,y\n" + (0..<20).map { "\($0 == 7 ? "odd" : "even"),\($0 % 2)\n" }.joined()
    // Some fold holds line 9, the only "odd".
    let problems = try (0..<5).map { index in try fail(text) { .csv($0, split: .fold(index, of: 5, seed: 1)) } }
    #expect(
      problems.count {
        $0.contains(
          "t.csv:9:1: column \"c\": found the category \"odd\", which no training sample has, expected one of even")
      } == 1)
    #expect(problems.count { $0.isEmpty } == 4)
  }

  @Test func anotherFileMustFit() throws {
    try withTemporaryFolder { folder in
      try write("id,a,c,y\n1,1,r,u\n2,2,b,v\n", to: "\(folder)/train.csv")
      let data = try FileData(opening: .csv("\(folder)/train.csv") { $0.ignored = [.name("id")] })
      func other(_ text: String, withTargets: Bool = true) throws -> [[Float]] {
        try write(text, to: "\(folder)/other.csv")
        let source = FileSource.csv(CSVSource(path: "\(folder)/other.csv", targets: [.name("y")]))
        return try samples(of: FileData.samples(of: source, data.preprocessing, withTargets: withTargets)).inputs
      }
      // Columns by name, whatever their order; others are not looked at.
      #expect(try other("y,c,more,a\nv,b,x,3\n") == [[3, 1, 0]])
      #expect(try other("a,c\n3,r\n", withTargets: false) == [[3, 0, 1]])
      func problem(_ text: String, withTargets: Bool = true) -> String {
        do {
          _ = try other(text, withTargets: withTargets)
          return ""
        } catch { return "\(error)" }
      }
      #expect(problem("y,c\nv,b\n").contains("other.csv:1: header: found no column \"a\""))
      #expect(
        problem("y,c,a\nv,g,3\n").contains(
          "other.csv:2:3: column \"c\": found the category \"g\", expected one of b, r"))
      #expect(
        problem("y,c,a\nw,b,3\n").contains("other.csv:2:1: column \"y\": found the class \"w\", expected one of u, v"))
      #expect(problem("a,c\n3,b\n").contains("target: found no column \"y\""))
    }
  }

  /// The target may have another name in another file; a feature cannot be it.
  @Test func theTargetOfAnotherFileIsAsItIsNamedForIt() throws {
    try withTemporaryFolder { folder in
      try write("a,c,y\n1,5,u\n2,6,v\n", to: "\(folder)/train.csv")
      let data = try FileData(opening: .csv("\(folder)/train.csv"))
      func other(_ text: String, _ target: ColumnReference) throws -> [[Float]] {
        try write(text, to: "\(folder)/other.csv")
        let source = FileSource.csv(CSVSource(path: "\(folder)/other.csv", targets: [target]))
        return try samples(of: FileData.samples(of: source, data.preprocessing, withTargets: true)).targets
      }
      #expect(try other("truth,a,y,c\nv,1,u,2\n", .name("truth")) == [[1]])
      #expect(try other("truth,a,y,c\nv,1,u,2\n", .name("y")) == [[0]])
      // By its name in training where it was configured by its place there; by its place where that name is not there.
      #expect(try other("y,a,c\nv,1,2\n", .index(-1)) == [[1]])
      #expect(try other("a,c,truth\n1,2,v\n", .index(-1)) == [[1]])
      let error = #expect(throws: DataFileError.self) { try other("y,a,c\nv,1,2\n", .name("c")) }
      #expect(error.map { "\($0)" }?.contains("target: found column \"c\", which is a feature of the model") == true)
    }
  }

  /// Without names a column that is missing is told by how many there are; with targets, they are none of the features.
  @Test func tablesWithoutHeaderMayLackColumns() throws {
    try withTemporaryFolder { folder in
      try write("1,u,2,3,7\n4,v,5,6,8\n", to: "\(folder)/train.csv")
      func source(_ name: String) -> CSVSource {
        var source = CSVSource(path: "\(folder)/\(name)", targets: [.index(1)])
        (source.hasHeader, source.ignored) = (false, [.index(-1)])
        return source
      }
      let data = try FileData(
        opening: FileData.Description(train: .csv(source("train.csv")), kind: .classes))
      func inputs(_ text: String, withTargets: Bool) throws -> [[Float]] {
        try write(text, to: "\(folder)/other.csv")
        return try samples(
          of: FileData.samples(of: .csv(source("other.csv")), data.preprocessing, withTargets: withTargets)
        ).inputs
      }
      for withTargets in [true, false] { #expect(try inputs("1,u,2,3,7\n", withTargets: withTargets) == [[1, 2, 3]]) }
      #expect(try inputs("1,u,2,3\n", withTargets: true) == [[1, 2, 3]])
      #expect(try inputs("1,2,3,7\n", withTargets: false) == [[1, 2, 3]])
      #expect(try inputs("1,2,3\n", withTargets: false) == [[1, 2, 3]])
      let error = #expect(throws: DataFileError.self) { try inputs("1,2,3\n", withTargets: true) }
      #expect(
        error.map { "\($0)" }?.contains("the 3 features that the model was trained with, and the targets") == true)
    }
  }

  /// As many names as a column may hold are read in a moment; reading them again and again would take minutes.
  @Test func manyCategories() throws {
    let text = "c,y\n" + (0..<NameTable.most).map { "name \($0),\($0 % 2)\n" }.joined()
    #expect(try fail(text) == "")
    #expect(try fail(text + "one more,0\n").contains("found more than 65536 different values"))
  }

  @Test func packedTablesAreTheSame() throws {
    try withTemporaryFolder { folder in
      let text = "a,y\n" + (0..<50_000).map { "\($0),\($0 % 3)\n" }.joined()
      try write(text, to: "\(folder)/t.csv")
      let plain = try training(.csv("\(folder)/t.csv"))
      for (name, arguments) in [("gzip", ["-k"]), ("zstd", ["-q", "-k"])] {
        guard let packer = program(name) else { continue }
        #expect(try run(packer, arguments + ["\(folder)/t.csv"]).status == 0)
        let path = "\(folder)/t.csv.\(name == "gzip" ? "gz" : "zst")"
        let packed = try training(.csv(path))
        #expect(packed.inputs == plain.inputs && packed.targets == plain.targets)
        #expect(packed.data.sets.train.fingerprint == plain.data.sets.train.fingerprint)
        // Two files one after the other are one.
        let whole = try bytes(of: path)
        try write("100000,1\n", to: "\(folder)/more.csv")
        #expect(try run(packer, arguments + ["\(folder)/more.csv"]).status == 0)
        try write(whole + bytes(of: "\(folder)/more.csv.\(name == "gzip" ? "gz" : "zst")"), to: path)
        #expect(try training(.csv(path)).inputs.last == [100_000])
        // Cut off anywhere, or with a flipped bit, it is damaged.
        for end in [whole.count / 2, whole.count - 1] {
          try write(Array(whole[..<end]), to: path)
          #expect(problem(.csv(path)).contains("found a damaged \(name) file"), "\(name) \(end)")
        }
      }
    }
  }
}
