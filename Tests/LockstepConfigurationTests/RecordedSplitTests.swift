import LockstepData
import TestSupport
import Testing

@testable import LockstepConfiguration

/// The rule of a split that a configuration leaves out.
@Suite struct RecordedSplitTests {
  /// A configuration without a rule means a split by class where there are classes; one that a checkpoint has recorded,
  /// written when there was none but chance, means chance.
  @Test func whatEarlierConfigurationsMean() throws {
    try withTemporaryFolder { folder in
      try write(
        "a,b,y\n" + (0..<40).map { "\($0),\($0 % 7),\($0 % 8 == 0 ? "rare" : "often")\n" }.joined(),
        to: "\(folder)/t.csv")
      for split in ["split: {validation: 0.25, seed: 3}", "folds: {count: 4, index: 1, seed: 3}"] {
        let yaml = """
          data: {source: {csv: {path: "\(folder)/t.csv", target: y}}, \(split)}
          model: {layers: [{dense: {units: 2}}]}
          loss: softmax_cross_entropy
          optimizer: {sgd: {learning_rate: 0.1}}
          training: {batch_size: 4, shards: 2, steps: 3}

          """
        let new = try RunConfiguration(yaml: yaml)
        let recorded = try #require(new.data.preprocessing)
        #expect(new.data.split?.rule == .automatic)
        let old = try RunConfiguration(yaml: yaml, file: "recorded", recorded: recorded)
        #expect(
          old.data.split?.rule == .random && old.data.split?.part == new.data.split?.part && old.data.split?.seed == 3)
        for (word, rule) in [
          ("stratify: false", DataSplit.Rule.random), ("stratify: true", .stratified), ("stratify: auto", .automatic),
          ("group: a", .grouped(.name("a"))), ("order: last", .last),
        ] {
          let said = yaml.replacing("seed: 3}", with: "seed: 3, \(word)}")
          for configuration in [
            try RunConfiguration(yaml: said), try RunConfiguration(yaml: said, file: "recorded", recorded: recorded),
          ] {
            #expect(configuration.data.split?.rule == rule, "\(word)")
          }
          // Written out it is said, so that it reads back the same, recorded or not.
          guard word != "group: a" else { continue }
          let written = try RunConfiguration(yaml: said).resolvedYAML
          #expect(
            try RunConfiguration(yaml: written, file: "recorded", recorded: recorded).data.split?.rule == rule,
            "\(word)")
        }
        let written = try RunConfiguration(yaml: new.resolvedYAML, file: "recorded", recorded: recorded)
        #expect(written.data.split?.rule == .automatic)
      }
    }
  }
}
