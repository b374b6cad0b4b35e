import TestSupport
import Testing

@testable import LockstepData

/// Names of classes and categories: which of them are one, and in which order they stand.
@Suite struct LabelsTests {
  /// Strings compare by canonical equivalence: bytes are compared as bytes.
  private func bytes(_ names: [String]) -> [[UInt8]] { names.map { Array($0.utf8) } }

  @Test func namesAreToldApartByTheirBytes() {
    for (a, b) in lookAlikes {
      let labels = Labels(written: [b, a, b, "z"])
      #expect(labels.names.count == 3)
      #expect(Set(bytes(labels.names)) == Set(bytes([a, b, "z"])))
      for name in [a, b] {
        #expect(labels.place(of: name) == bytes(labels.names).firstIndex(of: Array(name.utf8)))
      }
      #expect(Labels(named: [a, "z"]).place(of: b) == nil && Labels(named: [b, "z"]).place(of: a) == nil)
      #expect(Labels(named: [a]) != Labels(named: [b]) && Labels(named: [a]) == Labels(named: [a]))
    }
  }

  /// Against the order of integers, for values up to the largest of 64 bits and beyond, whatever order they are met in.
  @Test func wholeNumbersStandInTheOrderOfTheirValues() {
    for seed in 1...40 {
      var generator = SeededGenerator(seed: UInt64(seed))
      // Of every magnitude, and no two that float64 takes for the same.
      let values = Set(
        (0..<Int.random(in: 1...60, using: &generator)).map { _ in
          let value = Int64(bitPattern: generator.next()) >> Int64.random(in: 11...62, using: &generator)
          return generator.next() % 5 == 0 ? value << 10 : value
        })
      let written = values.flatMap { value -> [String] in
        let other = ["\(value).0", "\(value)", value >= 0 ? "+\(value)" : "\(value).", "\(value).000"].randomElement(
          using: &generator)
        return ["\(value)", other ?? ""]
      }.shuffled(using: &generator)
      #expect(Labels(written: written).names == values.sorted().map { "\($0)" }, "seed \(seed)")
    }
    #expect(Labels(written: (0..<200).map(String.init).shuffled()).names == (0..<200).map(String.init))
    #expect(Labels(written: ["10.0", "2.0", "1.0"]).names == ["1.0", "2.0", "10.0"])
    #expect(
      Labels(written: ["99999999999999999999999", "5", "-99999999999999999999999"]).names == [
        "-99999999999999999999999", "5", "99999999999999999999999",
      ])
  }

  /// One name that is no whole number, and all stand by their bytes; the order of scalars, which is compared with here,
  /// is that of UTF-8.
  @Test func allOthersStandInTheOrderOfTheirBytes() {
    #expect(Labels(written: ["2", "10", "1.5"]).names == ["1.5", "10", "2"])
    #expect(Labels(written: ["2", "10", "b"]).names == ["10", "2", "b"])
    #expect(Labels(written: ["1e1", "9"]).names == ["1e1", "9"])
    let letters = Array("aAzZ09 .-é\u{301}Ω\u{2126}가𝕏\u{FFFD}\u{E000}").flatMap { Array($0.unicodeScalars) }
    for seed in 1...40 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let names = (0..<30).map { _ -> String in
        var scalars = String.UnicodeScalarView()
        for _ in 0...Int.random(in: 0...3, using: &generator) {
          if let scalar = letters.randomElement(using: &generator) { scalars.append(scalar) }
        }
        return "x" + String(scalars)
      }
      let expected = Set(names.map { $0.unicodeScalars.map(\.value) }).sorted { $0.lexicographicallyPrecedes($1) }
      #expect(Labels(written: names).names.map { $0.unicodeScalars.map(\.value) } == expected, "seed \(seed)")
    }
  }

  @Test func numbersOfEqualValueAreOneLabel() {
    for written in [
      ["0", "0.0"], ["0.0", "0"], ["0.00", "-0", "+0", "0.0", "0"], ["1", "1.0", "+1", "1."], ["-2.50", "-2.5"],
      ["12", "12.000000"],
    ] {
      let labels = Labels(written: written + ["7"])
      let shortest = written.map(\.utf8.count).min() ?? 0
      #expect(labels.names.count == 2, "\(written)")
      // It is called by its shortest writing, the first of equals.
      let name = written.first { $0.utf8.count == shortest } ?? ""
      #expect(labels.names.contains(name), "\(written)")
      let places = Set(written.map { labels.place(of: $0) })
      #expect(places == [labels.names.firstIndex(of: name)], "\(written)")
    }
    // What is written with leading zeros or an exponent is a code, and so is what only begins like a number.
    for (a, b) in [("007", "7"), ("1e1", "10"), ("00", "0"), ("1 ", "1"), ("0x1", "1"), ("٣", "3"), ("1_0", "10")] {
      #expect(Labels(written: [a, b]).names.count == 2, "\(a)")
      #expect(Labels(named: [a]).place(of: b) == nil && Labels(named: [b]).place(of: a) == nil, "\(a)")
    }
  }

  @Test func booleansOfAnyCaseAreOneWhereAllNamesAreBooleans() {
    let written = ["False", "true", "FALSE", "True", "TRUE", "false", "tRuE"]
    let labels = Labels(written: written)
    #expect(labels.names.count == 2)
    #expect(Set(["False", "FALSE", "false"].map { labels.place(of: $0) }).count == 1)
    #expect(Set(["true", "TRUE", "True", "tRuE"].map { labels.place(of: $0) }).count == 1)
    #expect(labels.place(of: "true") != labels.place(of: "false"))
    for other in ["1", "maybe", "", "truе"] {
      let labels = Labels(written: written + [other])
      #expect(labels.names.count == Set(written).count + 1, "\(other)")
    }
  }

  /// An older checkpoint has its classes in the order of their bytes, and 0 and 0.0 apart: they keep their numbers.
  @Test func recordedNamesKeepTheirNumbers() throws {
    let text =
      #"{"samples":9,"standardize":true,"missing":"error","columns":[{"name":"c","categories":["10","2","1.0","1"]}],"classes":["0","0.0","1","10","2"]}"#
    let preprocessing = try #require(Preprocessing(text))
    #expect(preprocessing.targets == .classes(["0", "0.0", "1", "10", "2"]))
    #expect(preprocessing.columns[0].categories == ["10", "2", "1.0", "1"])
    let classes = Labels(named: ["0", "0.0", "1", "10", "2"])
    #expect(["0", "0.0", "1", "10", "2"].map { classes.place(of: $0) } == [0, 1, 2, 3, 4])
    // Writings that it has not recorded are the first of equal value.
    #expect(["0.00", "1.0", "10.0", "+2", "3"].map { classes.place(of: $0) } == [0, 2, 3, 4, nil])
    #expect(Labels(named: ["10", "2", "1.0", "1"]).place(of: "1") == 3)
  }

  /// Names of many kinds make no two labels of one, and none of two: a label's own name leads to it.
  @Test func everyNameLeadsToItsLabel() {
    let words = [
      "0", "0.0", "1", "-1", "01", "1e0", "true", "True", "a", "A", "", " ", "é", "e\u{301}", "NaN", "inf", "+",
    ]
    for seed in 1...60 {
      var generator = SeededGenerator(seed: UInt64(seed))
      let written = (0..<Int.random(in: 1...20, using: &generator)).compactMap { _ in
        words.randomElement(using: &generator)
      }
      let labels = Labels(written: written)
      for (place, name) in labels.names.enumerated() { #expect(labels.place(of: name) == place, "seed \(seed)") }
      for name in written { #expect(labels.place(of: name) != nil, "seed \(seed): \(name)") }
      #expect(Set(bytes(labels.names)).isSubset(of: Set(bytes(written))), "seed \(seed)")
      // In whatever order they are met, the labels are the same up to their writing.
      #expect(Labels(written: written.reversed()).names.count == labels.names.count, "seed \(seed)")
      #expect(Labels(named: labels.names).names == labels.names)
    }
  }
}
