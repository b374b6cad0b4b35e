import LockstepData
import LockstepFormats
import LockstepKernels
import LockstepModel
import LockstepReport
import LockstepStudies
import LockstepTraining
import TestSupport
import Testing

/// What the page and the JSON of a diagnosis say of images.
@Suite struct ImageDiagnosisReportTests {
  /// Images of a seed.
  private struct Images: Dataset {
    let shape = Shape.image(height: 6, width: 7, channels: 1)
    let count = 64
    let task = LearningTask.classification(classes: 3)
    let fingerprint = "images"
    var features: Int { shape.count }

    func fill(_ indices: Span<Int>, features: Matrix, targets: Matrix) throws(DatasetError) {
      for row in indices.indices {
        var generator = SeededGenerator(seed: UInt64(indices[row]))
        features.row(row).copy(from: generator.normal(shape.count))
        targets[row, 0] = Float(indices[row] % 3)
      }
    }
  }

  private func diagnose() throws -> Diagnosis {
    let model = Model(input: Images().shape) {
      Conv2D(4, kernel: 3, padding: .same, biasInitializer: .constant(-100))
      ReLU()
      Conv2D(5, kernel: 3)
      Tanh()
      Flatten()
      Dense(3)
    }
    let trainer = try Trainer(
      model, loss: .softmaxCrossEntropy, optimizer: .sgd(learningRate: 0.01), batch: 16, shards: 2, threads: 1)
    try trainer.attach(Images())
    return try Diagnosis.measure(trainer, steps: 2)
  }

  @Test func thePageTellsOfTheReceptiveField() throws {
    let page = ParsedPage(try diagnose().report(name: "images").text)
    #expect(page.problem == nil)
    #expect(
      page.texts.contains(
        "Receptive field of tanh0: 5 × 5 pixels of images of 6 × 7; nothing of the input counts at its centre."))
  }

  @Test func theJSONHasChannels() throws {
    let stage = try #require(try diagnose().json()["stages"]?.array?.first?.object)
    let layers = try #require(stage["layers"]?.array).compactMap(\.object)
    #expect(layers.map { $0["name"]?.string } == ["conv2d0", "relu0", "conv2d1", "tanh0", "flatten0", "dense0"])
    #expect(layers[1]["shape"] == .array([.integer(6), .integer(7), .integer(4)]))
    #expect(layers[5]["shape"] == .array([.integer(3)]) && layers[5]["channels"] == .null)
    #expect(layers[1]["dead"] == .number(1) && layers[1]["units"] == .integer(168))
    let channels = try #require(layers[1]["channels"]?.array).compactMap(\.object)
    #expect(channels.count == 4 && channels.allSatisfy { $0["dead"] == .bool(true) && $0["rms"] == .number(0) })
    #expect(layers[3]["channels"]?.array?.first?.object?["saturated"] == .number(0))
    let field = try #require(stage["receptive_field"]?.object)
    #expect(field["layer"] == .string("tanh0") && field["effective"] == .null)
    #expect(field["theoretical"] == .array([.integer(5), .integer(5)]))
    #expect(field["image"] == .array([.integer(6), .integer(7)]))
  }
}
