import Testing

@testable import LockstepModel

/// What dense layers leave to their neighbours.
@Suite("Settled layers")
struct SettledLayersTests {
  /// The initializer and bias of every dense layer, in the order in which they are written.
  private func dense(_ layers: [Layer]) -> [String] {
    layers.flatMap { layer -> [String] in
      switch layer {
      case .dense(let dense): ["\(dense.initializer?.declared.name ?? "none") \(dense.bias.map { "\($0)" } ?? "none")"]
      case .repeated, .residual: self.dense(layer.inner.flatMap { $0 })
      default: []
      }
    }
  }

  private func settled(@LayerBuilder _ layers: () -> [Layer]) -> [String] { dense(layers().settled) }

  @Test("the initializer fits the activation that is reached, whatever stands between")
  func activations() {
    for activation in [Activation.relu, .prelu(initial: 0.25, slopes: .unit), .gelu, .elu(alpha: 1)] {
      #expect(
        settled {
          Dense(4)
          Layer.activation(activation)
          Dense(2)
        } == ["he_normal true", "glorot_uniform true"])
      #expect(
        settled {
          Dense(4)
          Dropout(rate: 0.5)
          Layer.activation(activation)
        } == ["he_normal true"])
    }
    #expect(
      settled {
        Dense(4)
        SELU()
        AlphaDropout(rate: 0.1)
      } == ["lecun_normal true"])
    #expect(
      settled {
        Dense(4)
        Tanh()
        Dense(2)
        Sigmoid()
      } == ["glorot_uniform true", "glorot_uniform true"])
    #expect(
      settled {
        Dense(4)
        Softplus()
      } == ["glorot_uniform true"])
    #expect(
      settled {
        Dense(4)
        Dense(4)
        ReLU()
      } == ["glorot_uniform true", "he_normal true"])
  }

  @Test("there is no bias before a BatchNorm alone")
  func biases() {
    #expect(
      settled {
        Dense(4)
        BatchNorm()
        ReLU()
        Dense(2)
      } == ["he_normal false", "glorot_uniform true"])
    #expect(
      settled {
        Dense(4)
        Dropout(rate: 0.5)
        BatchNorm()
        ReLU()
      } == ["he_normal true"])
    #expect(
      settled {
        Dense(4)
        ReLU()
        BatchNorm()
      } == ["he_normal true"])
    // The bias goes past the layers of a residual, and from its branch into the sum.
    #expect(
      settled {
        Dense(4)
        Residual {
          BatchNorm()
          ReLU()
          Dense(4)
        }
        BatchNorm()
      } == ["he_normal true", "glorot_uniform true"])
  }

  @Test("the last layer of a repetition meets the first of the next, once there is one")
  func repetitions() {
    func stack(_ times: Int) -> [String] {
      settled {
        Repeat(times: times) {
          BatchNorm()
          ReLU()
          Dense(4)
        }
        Tanh()
      }
    }
    #expect(stack(1) == ["glorot_uniform true"] && stack(3) == ["he_normal false"])
    #expect(
      settled {
        Dense(4)
        Repeat(times: 2) {
          SELU()
          Dense(4)
        }
      } == ["lecun_normal true", "lecun_normal true"])
    #expect(
      settled {
        Dense(4)
        Repeat(times: 2) {}
        BatchNorm()
      } == ["glorot_uniform false"])
    // What stands in a repetition twice is written once: the last of the inner list meets its own first.
    #expect(
      settled {
        Repeat(times: 2) {
          Repeat(times: 2) {
            ReLU()
            Dense(4)
          }
          SELU()
          Dense(3)
        }
      }
        == ["he_normal true", "he_normal true"])
  }

  @Test("what is given stays")
  func given() {
    let layers = [
      Layer.dense(Dense(4, initializer: .orthogonal(gain: 2), bias: true)), .batchNorm(BatchNorm()), .activation(.relu),
    ]
    #expect(layers.settled == layers)
    let once = Model(features: 3) {
      Dense(4)
      BatchNorm()
      ReLU()
      Residual {
        Dense(4)
        SELU()
      }
      Dense(1)
    }.layers.settled
    #expect(once.settled == once)
  }

  @Test("nested repetitions take no longer for being nested")
  func nesting() {
    var layers: [Layer] = [.dense(Dense(1))]
    for _ in 0..<200 { layers = [.repeated(times: 2, layers)] }
    #expect(dense(layers.settled) == ["glorot_uniform true"])
  }
}
