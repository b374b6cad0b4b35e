import TestSupport
import Testing

@testable import LockstepConfiguration

/// Input made to break a reader: it must be refused with a place, at once, and without a trap.
@Suite struct ConfigurationHostileTests {
  @Test func emptyFiles() {
    for text in ["", "\n\n", "# nothing\n", "---\n", "---\n...\n"] { #expect(messages(text).count >= 1, "\(text)") }
    #expect(
      messages("") == [
        "tiny.yaml:1:1: found an empty file, expected a configuration with data, model, loss, optimizer and training"
      ])
  }

  @Test func otherThanMappings() {
    #expect(
      messages("hello")[0].hasPrefix("tiny.yaml:1:1: found hello, expected a mapping with keys of name, seed, data, "))
    #expect(messages("[1, 2]")[0].hasPrefix("tiny.yaml:1:1: found a list, expected a mapping"))
    #expect(messages("a: 1\n---\nb: 2")[0].contains("found another document"))
  }

  @Test func bytesThatAreNoText() {
    func message(_ bytes: [UInt8]) -> String {
      do throws(ConfigurationErrors) {
        _ = try OpenedConfiguration(bytes: bytes, file: "x", overrides: [])
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(Array("seed: 1\na: ".utf8) + [0xFF, 0xFE])
        == "x:2:4: found bytes that are not UTF-8 text, expected a configuration in YAML")
    #expect(message(Array("seed: 1\u{0}\nloss: x".utf8)) == "x:1:8: found the control character U+0, expected text")
    #expect(message([0x28, 0xB5, 0x2F, 0xFD, 0, 1]).contains("checkpoints go to `lockstep resume`"))
    #expect(message(Array("a: \u{1B}[2J".utf8)) == "x:1:4: found the control character U+1B, expected text")
    var bytes = [UInt8](0...255)
    for _ in 0..<200 {
      bytes.shuffle()
      #expect(!message(bytes).isEmpty)
    }
  }

  @Test func tooLarge() {
    #expect(
      messages(String(repeating: "# comment\n", count: 200_000)) == [
        "tiny.yaml: found more than 1048576 bytes, expected a configuration of at most 1 MiB"
      ])
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "[? ", "{? ", "- - ", "[{", "\"a\": [", "-\t"])
  func nesting(unit: String) {
    for count in [90, 500, 20_000] {
      let yaml = String(repeating: unit, count: count)
      #expect(!messages(yaml).isEmpty)
      #expect(!messages(validConfiguration, set: ["seed=\(yaml)"]).isEmpty)
    }
  }

  @Test func nestingByIndentation() {
    let yaml = (0..<400).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n")
    #expect(messages(yaml) == ["tiny.yaml:252:252: found 251 characters of indentation, expected at most 250"])
  }

  @Test func longPathsOfOverrides() {
    let path = Array(repeating: "a", count: 100_000).joined(separator: ".")
    #expect(messages(validConfiguration, set: ["\(path)=1"]).count == 1)
  }

  @Test func aliasBombs() {
    var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for i in 1...40 { yaml += "a\(i): &a\(i) [*a\(i - 1), *a\(i - 1), *a\(i - 1), *a\(i - 1)]\n" }
    #expect(messages(yaml).count == 1)
    #expect(messages(yaml)[0].hasSuffix("found an alias, expected no aliases: write the value out"))
    // As keys, whose equality a parser has to decide; and hidden behind what looks like a comment.
    for separator in ["", "\"x # \": 1, ", "? \" #\n # \", "] {
      var keys = "a: &a [x, x]\nb: {\(separator)? [*a, *a] : 1"
      for _ in 0..<40 { keys += ", \(separator)? [*a, *a] : 1" }
      #expect(!messages(keys + "}").isEmpty)
    }
    // Few aliases come as far as the parser, and are refused at their anchor.
    #expect(
      messages("a: &x [1]\nb: *x").contains {
        $0.hasPrefix("tiny.yaml:1:4: a: found the anchor &x, expected no anchors or aliases")
      })
    // Stars in comments are none.
    #expect(messages(String(repeating: "# *all* of *it*\n", count: 20) + validConfiguration) == [])
  }

  @Test func hugeRepetition() {
    let inner = "{repeat: {times: 10000, layers: [{repeat: {times: 10000, layers: [relu]}}]}}"
    let yaml = configuration(replacing: "- relu", with: "- repeat: {times: 10000, layers: [\(inner)]}")
    #expect(
      messages(yaml) == [
        "tiny.yaml:8:5: model.layers: found more than 10000 layers with every repetition, expected at most 10000"
      ])
  }

  @Test func hugeNumbers() {
    for number in [
      "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e18", "1e19", "1e99999999999999999999",
      "16777216",
    ] {
      for key in [
        "samples: 1000", "features: 8", "units: 16", "batch_size: 100", "shards: 4", "steps: 50", "warmup_steps: 5",
        "keep: 3",
      ] {
        let name = key.prefix { $0 != ":" }
        _ = messages(configuration(replacing: key, with: "\(name): \(number)"))
      }
      _ = messages(configuration(replacing: "steps: 50", with: "epochs: \(number)"))
    }
    let many = configuration(replacing: "steps: 50", with: "epochs: 1000000000000000").replacing(
      "samples: 1000,", with: "samples: 281474976710656,")
    #expect(
      messages(many) == [
        "tiny.yaml:15:48: training.epochs: found an endless number of steps, expected a run of at most 2⁵³ steps"
      ])
  }

  @Test func tensOfThousandsOfMistakesTakeNoTime() {
    let keys = (0..<40_000).map { "batch_sizes\($0): 1" }.joined(separator: ", ")
    #expect(messages("{\(keys)}").count == 100)
    let layers = (0..<80_000).map { _ in "- rel" }.joined(separator: "\n")
    #expect(
      messages("model:\n layers:\n" + layers.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")).count
        == 100)
    #expect(!messages("{" + (0..<30_000).map { _ in "seed: 1" }.joined(separator: ", ") + "}").isEmpty)
  }

  /// Swift compares texts by their canonical forms, in a time that grows with the square of the marks on one letter.
  @Test func combiningMarks() {
    let (marks, escapes) = ("\u{301}\u{323}", "\\u0301\\u0323")
    func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
    for text in [
      "? \"a\(many(marks, 6000))\"\n: 1", "? \"a\(many(escapes, 6000))\"\n: 1", "a: !<\(many("%CC%81", 6000))> x",
    ] {
      #expect(
        messages(text).first?.hasSuffix("more than 10000 combining marks and escapes, expected text with fewer of them")
          == true)
    }
    // Fewer come as far as the parser, and no further.
    for text in [many(marks, 4000), many(escapes, 4000), many("\u{301}\\\n", 4000)] {
      #expect(messages("? \"a\(text)\"\n: 1").contains { $0.contains("more than 30 combining marks in a row") })
      #expect(
        messages(configuration(replacing: "name: tiny", with: "name: \"a\(text)\"")).contains {
          $0.contains("name: found a text with more than 30 combining marks in a row, expected at most 30")
        })
    }
    #expect(messages("# Tiếng Việt, हिन्दी, ภาษาไทย\n" + validConfiguration) == [])
  }

  @Test func moreValuesThanAnyoneWrites() {
    let list = "[" + String(repeating: "1,", count: 100_000) + "1]"
    #expect(
      messages("seed: \(list)").first?.hasSuffix(
        "found more than 90000 commas and line breaks, expected a configuration of fewer values") == true)
    #expect(messages(String(repeating: "a", count: 1_000_000)).count == 1)
    #expect(
      !messages(configuration(replacing: "name: tiny", with: "name: " + String(repeating: "\u{1F1E9}", count: 200_000)))
        .isEmpty)
  }
}
