import Foundation
import LockstepFormats
import TestSupport
import Testing

@testable import LockstepConfiguration

/// The JSON Schema of configurations: its file, and what a validator that is not ours makes of it.
@Suite struct SchemaTests {
  private static let file = "\(repository)/configs/lockstep.schema.json"

  /// configs/lockstep.schema.json is what the decoder tells; `LOCKSTEP_RECORD_REFERENCE=1` writes it anew.
  @Test func isAsRecorded() throws {
    let schema = JSONValue.object(RunConfiguration.schema).prettyText + "\n"
    if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD_REFERENCE"] != nil {
      try schema.write(toFile: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: Self.file, encoding: .utf8) == schema)
  }

  private static func shipped() throws -> [String] {
    let folder = "\(repository)/configs"
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter { $0.hasSuffix(".yaml") }.map {
      "\(folder)/\($0)"
    }
  }

  /// Editors find it from every file that is shipped.
  @Test func everyShippedFileNamesIt() throws {
    let paths = try Self.shipped()
    #expect(paths.count > 15)
    for path in paths {
      let first = try String(contentsOfFile: path, encoding: .utf8).prefix { $0 != "\n" }
      let named = try #require(first.wholeMatch(of: /# yaml-language-server: \$schema=(\S+)/)?.1, "\(path)")
      let schema = URL(filePath: path).deletingLastPathComponent().appending(path: named).standardized.path
      #expect(schema == URL(filePath: Self.file).standardized.path, "\(path)")
    }
  }

  /// What an editor shows beside a key or a name.
  @Test func everyKeyHasASentence() {
    var keys = 0
    func check(_ value: JSONValue, _ path: String) {
      switch value {
      case .object(let object):
        for (name, schema) in object["properties"]?.object?.members.map({ ($0.name, $0.value) }) ?? []
        where !path.hasSuffix(".oneOf") {
          keys += 1
          #expect(schema.object?["description"]?.string?.isEmpty == false, "\(path).\(name)")
        }
        for member in object.members { check(member.value, "\(path).\(member.name)") }
      case .array(let elements): for element in elements { check(element, path) }
      case .null, .bool, .integer, .number, .string: break
      }
    }
    check(.object(RunConfiguration.schema), "")
    #expect(keys > 300)
  }

  /// As editors read a file: YAML 1.2, in which no text is a date; and JSON.
  private static let validator = """
    import datetime, json, sys
    from jsonschema import Draft7Validator
    from ruamel.yaml import YAML

    def plain(value):
        if isinstance(value, dict):
            return {str(key): plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return value.isoformat() if isinstance(value, datetime.date) else value

    schema = json.load(open(sys.argv[1]))
    Draft7Validator.check_schema(schema)
    validator = Draft7Validator(schema)
    read = lambda text: json.loads(text) if text.startswith("{") else plain(YAML(typ="safe", pure=True).load(text))
    texts = json.load(open(sys.argv[2]))
    print(json.dumps([validator.is_valid(read(text)) for text in texts]))
    """

  /// Whether the schema takes each of `texts`.
  private func verdicts(_ texts: [String]) throws -> [Bool] {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try JSONEncoder().encode(texts).write(to: file)
    let answer = try PrivatePython.run(["-c", Self.validator, Self.file, file.path], in: repository)
    try #require(answer.status == 0, "\(answer.output)")
    return try JSONDecoder().decode([Bool].self, from: Data(answer.output.utf8))
  }

  private func decoderTakes(_ text: String) -> Bool { (try? decodedOnly(text)) != nil }

  private static let hasValidator = PrivatePython.has("jsonschema", "ruamel.yaml")

  private static func withData(_ data: String) -> String {
    """
    data: \(data)
    model: {layers: [{dense: 4}]}
    loss: {softmax_cross_entropy: {class_weights: {yes: 2, 7: 1}}}
    optimizer: adamw
    training: {batch_size: 32, epochs: 2}
    """
  }

  private static let good =
    [
      ("- relu", "- dropout: 0.5"), ("- relu", "- gelu: {}"), ("- relu", "- gelu_tanh:"), ("- relu", "- \"silu\""),
      ("- relu", "- residual: [{dense: 16}, {leaky_relu: 0.1}]"), ("- relu", "- batch_norm: {epsilon: 1e-06}"),
      ("- relu", "- repeat: {times: 2, layers: [{residual: {layers: [relu], trainable: false}}, batch_norm]}"),
      ("bias: false", "initializer: {orthogonal: 2}"), ("bias: false", "bias: True, initializer: normal"),
      ("{learning_rate: 0.001}", "1e-3"), ("0.001", ".5"), ("0.001", "5."), ("0.001", "+0.25"), ("0.001", "1E-6"),
      ("{adam: {learning_rate: 0.001}}", "sgd"), ("samples: 1000,", "samples: 1e9,"),
      ("seed: 3", "seed: 18446744073709551615"), ("seed: 3", "seed:"), ("seed: 3", "seed: ~"),
      ("steps: 50", "epochs: 2"), ("steps: 50", "steps: null, epochs: 2"),
      ("{cosine: {warmup_steps: 5}}", "constant"), ("{cosine: {warmup_steps: 5}}", "{step: 20}"),
      ("{cosine: {warmup_steps: 5}}", "{cosine: {warmup: {epochs: 2}}}"), ("{every: {epochs: 1}}", "{every: 10}"),
      (
        "{cosine: {warmup_steps: 5}}",
        "{piecewise: {boundaries: [3, {epochs: 2}], factors: [1, 0.5, 0.25]}}"
      ),
      ("keep: 3", "keep_best: loss"), ("keep: 3", "keep_best: {metric: loss, mode: min}"),
      ("every: {steps: 10}", "every: {minutes: 5}"), ("shards: 4", "threads: auto"), ("shards: 4", "threads: 2"),
      ("shards: 4", "on_divergence: {skip: 4}"),
      ("shards: 4", "augment: {flip: horizontal, crop: 4, cutout: {size: 2}}"),
      ("shards: 4", "augment: {brightness: 0.5, contrast: 0}"), ("shards: 4", "weight_average: 0.9"),
      ("shards: 4", "gradient_clip: {value: 0.5}"), ("seed: 3", "logging: {tensorboard: {histograms_every: 5}}"),
      ("seed: 3", "logging: {tensorboard: true}"), ("name: tiny", "name: \"5\""), ("name: tiny", "name: no"),
      ("name: tiny", "name: 2026-11-27"),
      ("model:\n", "model:\n  initialization: lsuv\n"),
      ("model:\n", "model:\n  weights: a.safetensors\n  layout: torch\n"),
      (
        "model:\n", "model:\n  weights: a.safetensors\n  map: {0.weight: dense0.weight, x: null}\n  missing: [dense1]\n"
      ),
    ].map { configuration(replacing: $0.0, with: $0.1) }
    + [
      "{source: {csv: {path: x.csv, target: y}}, split: {validation: 0.2}}",
      "{source: {csv: {path: 7, target: [y, -1], missing_values: [-, -999], delimiter: tab, comment: '#'}}, missing: mean}",
      "{source: {npz: {path: a.npz}}, folds: {count: 5, index: 3, stratify: auto}, standardize: {targets: true}}",
      "{source: {csv: {path: x.csv, target: 0}}, split: {validation: 0.2, group: 2026-11-27}, train: null}",
      "{train: {idx: {images: a, labels: b}}, validation: {idx: {images: c, labels: d}}, standardize: true}",
      "{train: {synthetic: {kind: shapes, samples: 9, classes: 3, height: 16, channels: 1}}}",
      "{train: {synthetic: {kind: teacher, samples: 9, features: 8, targets: 2, noise: 2, activation: {elu: 1}}}}",
    ].map(withData)

  private static let bad =
    [
      ("batch_size", "batch_sise"), ("units: 16", "unit: 16"), ("units: 16", "units: \"16\""),
      ("units: 16", "units: 0"),
      ("units: 16", "units: 16.5"), ("units: 16", "units: [16]"), ("units: 16", "units:"), ("bias: false", "bias: no"),
      ("bias: false", "bias: 0"), ("name: tiny", "name: 5"), ("seed: 3", "seed: -1"), ("0.001", "0"), ("0.001", "x"),
      ("softmax_cross_entropy", "softmax"), ("adam:", "adm:"), ("cosine:", "cosin:"), ("- relu", "- relu: {slope: 1}"),
      ("- relu", "- dropout"), ("- relu", "- dropout: 1"), ("- relu", "- residual: []"), ("- relu", "- repeat: 2"),
      ("- relu", "- batch_norm: 0.9"), ("- relu", "- relu: 0.2"), ("- relu", "- {relu: {}, tanh: {}}"),
      ("- relu", "- {}"),
      ("- batch_norm", "- batch_norm: {statistics: shards}"), ("- batch_norm", "- batch_norm: {momentum: 1}"),
      ("steps: 50", "steps: 50, epochs: 2"), (", steps: 50", ""), ("batch_size: 100, ", ""),
      ("shards: 4", "gradient_clip: {}"), ("shards: 4", "gradient_clip: {value: 1, global_norm: 1}"),
      ("shards: 4", "augment: {flip: vertical}"), ("shards: 4", "augment: {crop: {padding: 0}}"),
      ("shards: 4", "augment: {contrast: 2}"), ("shards: 4", "threads: many"), ("shards: 4", "weight_average: 1"),
      ("keep: 3", "keep: 0"),
      ("keep: 3", "keep_best: los"), ("every: {epochs: 1}", "every: {steps: 1, epochs: 1}"),
      ("every: {epochs: 1}", "every: {minutes: 1}"), ("{warmup_steps: 5}", "{warmup_steps: 5, end: 2}"),
      ("gaussian_clusters", "gausian_clusters"), ("kind: gaussian_clusters", "kind: gaussian_clusters, depth: 2"),
      ("classes: 4}}", "classes: 4}, csv: {path: x}}"),
      ("loss: softmax_cross_entropy", "loss: {huber: {class_weights: balanced}}"),
      ("loss: softmax_cross_entropy", "loss: {softmax_cross_entropy: {class_weights: balance}}"),
      ("model:\n", "model:\n  map: [a]\n  weights: a\n"),
    ].map { configuration(replacing: $0.0, with: $0.1) }
    + [
      "{}", "{split: {validation: 0.2}}", "{source: {csv: {}}}", "{source: {csv: {path: x, targets: y}}}",
      "{source: {csv: {path: x}}, split: {validation: 1}}", "{source: {csv: {path: x, delimiter: ab}}}",
      "{source: {csv: {path: x}}, folds: {count: 1, index: 0}}", "{source: {csv: {path: x}}, missing: drop}",
      "{source: {csv: {path: x}}, split: {validation: 0.2, order: first}}", "{source: {csv: {path: ''}}}",
      "{source: {csv: {path: x}}, train: {csv: {path: y}}}",
    ].map(withData)

  @Test(.enabled(if: hasValidator, PrivatePython.excuse))
  func takesWhatTheDecoderTakes() throws {
    let older = "\(repository)/Tests/Fixtures/older/run/config.yaml"
    let files = try (Self.shipped() + [older]).map { try String(contentsOfFile: $0, encoding: .utf8) }
    let random = try (1...100 as ClosedRange<UInt64>).map { seed in
      var random = RandomConfiguration(seed: seed)
      return try json(of: random.configuration().resolvedYAML).text
    }
    let texts = [validConfiguration] + files + Self.good + random
    for (text, isTaken) in zip(texts, try verdicts(texts)) {
      #expect(decoderTakes(text), "\(text)")
      #expect(isTaken, "\(text)")
    }
  }

  @Test(.enabled(if: hasValidator, PrivatePython.excuse))
  func refusesWhatTheDecoderRefuses() throws {
    for (text, isTaken) in zip(Self.bad, try verdicts(Self.bad)) {
      #expect(!decoderTakes(text), "\(text)")
      #expect(!isTaken, "\(text)")
    }
  }

  /// Something else in the place of a value, or another key, somewhere in a configuration that has everything: what the
  /// decoder takes the schema takes, and of what the decoder refuses it refuses nearly all, every unknown key among it.
  @Test(.enabled(if: hasValidator, PrivatePython.excuse))
  func agreesOnDamage() throws {
    let replacements: [JSONValue] = [nil, "nonsense", -1, 0.5, 7, true, [], [:], ["x"], ["nonsense": 1]]
    var damaged: [(text: String, isUnknownKey: Bool)] = []
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = RandomConfiguration(seed: seed)
      let whole = try json(of: random.configuration().resolvedYAML)
      var generator = SplitMix64(state: seed)
      let paths = paths(whole)
      for _ in 0..<8 {
        let path = paths[Int.random(in: 0..<paths.count, using: &generator)]
        let value = replacements[Int.random(in: 0..<replacements.count, using: &generator)]
        let isUnknownKey = Int(path.last ?? "") == nil && Bool.random(using: &generator)
        damaged.append((changed(whole, path[...], to: isUnknownKey ? .unknownKey : .value(value)).text, isUnknownKey))
      }
    }
    var (refused, missed) = (0, 0)
    for (one, isTaken) in zip(damaged, try verdicts(damaged.map(\.text))) {
      let isRight = decoderTakes(one.text)
      #expect(isTaken || !isRight, "\(one.text)")
      if one.isUnknownKey { #expect(isTaken == isRight, "\(one.text)") }
      refused += isRight ? 0 : 1
      missed += isTaken && !isRight ? 1 : 0
    }
    #expect(refused > 200 && missed * 20 < refused, "\(missed) of \(refused)")
  }

  private enum Damage {
    case value(JSONValue)
    case unknownKey
  }

  /// `value` with damage at a path of keys and places.
  private func changed(_ value: JSONValue, _ path: ArraySlice<String>, to damage: Damage) -> JSONValue {
    guard let key = path.first else {
      if case .value(let value) = damage { return value }
      return value
    }
    switch value {
    case .object(let object):
      var other = JSONObject()
      for member in object.members {
        let isHere = member.name == key
        let name = if isHere, path.count == 1, case .unknownKey = damage { "nonsense" } else { member.name }
        other[name] = isHere ? changed(member.value, path.dropFirst(), to: damage) : member.value
      }
      return .object(other)
    case .array(var elements):
      if let place = Int(key) { elements[place] = changed(elements[place], path.dropFirst(), to: damage) }
      return .array(elements)
    case .null, .bool, .integer, .number, .string: return value
    }
  }

  /// Every place in it.
  private func paths(_ value: JSONValue, _ path: [String] = []) -> [[String]] {
    switch value {
    case .object(let object):
      object.members.flatMap { [path + [$0.name]] + paths($0.value, path + [$0.name]) }
    case .array(let elements):
      elements.enumerated().flatMap { [path + ["\($0)"]] + paths($1, path + ["\($0)"]) }
    case .null, .bool, .integer, .number, .string: []
    }
  }

  private func json(of yaml: String) throws -> JSONValue {
    var parser = ConfigurationParser(file: "random", diagnostics: Diagnostics())
    let tree = parser.parse(try ConfigurationText(Array(yaml.utf8), file: "random"))
    return json(try #require(tree))
  }

  private func json(_ node: ConfigurationNode) -> JSONValue {
    switch node.content {
    case .nothing, .refused: .null
    // A seed beyond 63 bits stays an integer.
    case .scalar(let text, quoted: false) where UInt64(text) != nil: .integer(Int(text) ?? .max)
    case .scalar(let text, let quoted): (quoted ? nil : try? JSONValue(parsing: text)) ?? .string(text)
    case .list(let items): .array(items.map(json))
    case .mapping(let entries): .object(entries.reduce(into: JSONObject()) { $0[$1.key] = json($1.value) })
    }
  }
}
