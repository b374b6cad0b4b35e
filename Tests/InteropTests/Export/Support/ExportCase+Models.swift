import Lockstep
import LockstepKernels
import TestSupport

extension ExportCase {
  /// Every kind of layer, and every place where a BatchNorm may or may not be folded.
  static let everyLayer = ExportCase(
    name: "every layer",
    layers: Model(features: 6) {
      BatchNorm()
      Dense(9, bias: false)
      BatchNorm()
      ReLU()
      Dense(9)
      BatchNorm(statistics: .batch, epsilon: 0.01)
      Sigmoid()
      Dense(9)
      Tanh()
      Repeat(times: 2) {
        Dense(9)
        LeakyReLU(negativeSlope: 0.2)
        BatchNorm()
        ELU(alpha: 0.7)
      }
      SELU()
      AlphaDropout(rate: 0.05)
      Residual {
        BatchNorm()
        Dense(7)
        Softplus()
        Residual {
          Dense(7)
          Softsign()
        }
        Dense(9)
        BatchNorm()
      }
      GELU()
      Dense(8)
      Residual { BatchNorm() }
      GELU(approximate: true)
      Dense(8)
      Dropout(rate: 0.2)
      BatchNorm()
      SiLU()
      Dense(8)
      Mish()
      Residual { RReLU() }
      PReLU()
      Dense(8)
      PReLU(slopes: .shared)
      Dense(3)
      Dropout(rate: 0.1)
    }.layers, loss: .softmaxCrossEntropy, features: 6, outputs: 3)

  /// Every function of one number between two dense layers.
  static let everyFunction = ExportCase(
    name: "every function",
    layers: ActivationFunction.all.flatMap { [Dense(8).layer, .activation(.function($0))] } + [Dense(3).layer],
    loss: .softmaxCrossEntropy, features: 6, outputs: 3)

  /// A model that nobody thought of.
  static func random(seed: Int) -> ExportCase {
    var source = LayerSource(seed: UInt64(seed))
    let features = source.number(1...6)
    let loss = source.element([.softmaxCrossEntropy, .binaryCrossEntropy, .meanSquaredError, .huber] as [Loss])
    let outputs = loss == .binaryCrossEntropy ? 1 : source.number(2...4)
    return ExportCase(
      name: "seed \(seed)", layers: source.layers(features: features) + [Dense(outputs).layer], loss: loss,
      features: features, outputs: outputs)
  }
}

/// Draws lists of few layers.
private struct LayerSource {
  private var generator: SeededGenerator

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  mutating func element<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

  mutating func layers(features: Int) -> [Layer] {
    var width = features
    return layers(count: number(2...8), width: &width, depth: 0)
  }

  private mutating func layers(count: Int, width: inout Int, depth: Int) -> [Layer] {
    var result: [Layer] = []
    for _ in 0..<count { result.append(layer(width: &width, depth: depth)) }
    return result
  }

  private mutating func layer(width: inout Int, depth: Int) -> Layer {
    switch number(0...(depth < 2 ? 9 : 7)) {
    case 0, 1:
      width = number(1...7)
      return Dense(width, bias: number(0...1) == 0).layer
    case 2, 3: return BatchNorm(statistics: element(BatchNorm.Statistics.allCases), epsilon: 1e-3).layer
    case 4: return PReLU(slopes: element(Activation.Slopes.allCases)).layer
    case 5: return element([RReLU().layer, Dropout(rate: 0.25).layer, AlphaDropout(rate: 0.1).layer])
    case 6, 7:
      return Activation.function(element(ActivationFunction.all + [.elu(alpha: 1.3)])).layer
    case 8: return .residual(sameWidth(width, depth: depth))
    default: return .repeated(times: number(1...2), sameWidth(width, depth: depth))
    }
  }

  /// Layers that end with as many units as they begin with, at least one.
  private mutating func sameWidth(_ width: Int, depth: Int) -> [Layer] {
    var inner = width
    let result = layers(count: number(0...3), width: &inner, depth: depth + 1)
    return inner == width && !result.isEmpty ? result : result + [Dense(width).layer]
  }
}
