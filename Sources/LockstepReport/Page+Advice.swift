import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepRuns
import LockstepTraining

extension Page {
  /// What to change: the layer and the rule, the line, and who has found it.
  static func list(_ advice: [Advice]) -> HTML {
    .element(
      "ol", [("class", "advice")],
      advice.map { one in
        .element(
          "li", [],
          [
            .element(
              "p", [],
              (one.layer.isEmpty ? [] : [.element("strong", text: one.layer), .text(": ")]) + [.text(one.rule)]),
            .element("p", [], [.element("code", text: one.change)]),
            .element("p", [("class", "quiet")], source(one.source)),
          ])
      })
  }

  /// A source whose address, at its end, can be followed.
  static func source(_ text: String) -> [HTML] {
    guard let range = text.firstRange(of: "https://") else { return [.text(text)] }
    let address = String(text[range.lowerBound...])
    return [.text(String(text[..<range.lowerBound])), .element("a", [("href", address)], text: address)]
  }
}

extension Page {
  /// This machine and this program, for figures that were measured just now.
  static var environment: HTML {
    facts([
      ("processor", Processor.modelName), ("cores", "\(Processor.availableCores) that this process may use"),
      ("instruction set", Processor.instructionSet),
      ("lockstep", LockstepVersion.current),
    ])
  }
}
