import TestSupport
import Testing

@testable import LockstepConfiguration

/// `class_weights`: how they are written, and what is wrong with them.
@Suite struct ClassWeightsTests {
  private func yaml(_ weights: String) -> String {
    configuration(
      replacing: "loss: softmax_cross_entropy", with: "loss: {softmax_cross_entropy: {class_weights: \(weights)}}")
  }

  @Test(arguments: [
    ("balanced", ClassWeights.balanced), ("[1, 0, 2.5, 1e-3]", .list([1, 0, 2.5, 0.001])),
    ("{0: 3, '2': 0.5}", .named([.init("0", 3), .init("2", 0.5)])),
  ])
  func everyWayToWriteThem(text: String, expected: ClassWeights) throws {
    #expect(try RunConfiguration(yaml: yaml(text)).classWeights == expected)
  }

  @Test(arguments: [
    (
      "[1, 2]",
      "12:47: loss.softmax_cross_entropy.class_weights: found 2 weights, expected 4, one for each of 0, 1, 2, 3"
    ),
    ("[1, 2, -3, 1]", "12:54: loss.softmax_cross_entropy.class_weights.2: found -3, expected a number of at least 0"),
    (
      "[1, 2, .inf, 1]",
      "12:54: loss.softmax_cross_entropy.class_weights.2: found .inf, expected a number of at least 0 (numbers are finite)"
    ),
    ("[0, 0, 0, 0]", "12:47: loss.softmax_cross_entropy.class_weights: found no weight above 0, expected at least one"),
    (
      "{0: 0, 1: 0, 2: 0, 3: 0}",
      "12:47: loss.softmax_cross_entropy.class_weights: found no weight above 0, expected at least one"
    ),
    (
      "{0: 1, four: 2}",
      "12:60: loss.softmax_cross_entropy.class_weights.four: found an unknown class, expected one of 0, 1, 2, 3"
    ),
    (
      "balance",
      "12:47: loss.softmax_cross_entropy.class_weights: found balance, expected balanced, a list of a weight a class, or weights by class: {NAME: 2} (did you mean balanced?)"
    ),
  ])
  func whatIsWrong(text: String, expected: String) {
    #expect(messages(yaml(text)) == ["tiny.yaml:\(expected)"])
  }

  @Test func onlyOfClasses() {
    let numbers = yaml("balanced").replacing("softmax_cross_entropy", with: "huber")
    #expect(
      messages(numbers).contains { $0.contains("huber.class_weights: found an unknown key, expected only delta") })
    let many = yaml("balanced").replacing("samples: 1000", with: "samples: 20000000")
    #expect(
      messages(many) == [
        "tiny.yaml:12:47: loss.softmax_cross_entropy.class_weights: found balanced for 20000000 generated samples, each of which would be made to be counted, expected at most 16777216 of them (write the weights as a list)"
      ])
  }
}
