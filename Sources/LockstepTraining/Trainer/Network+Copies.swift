import LockstepModel

extension Network {
  /// The same network, built once a thread: reading one counts references, which moves between their caches.
  static func copies(of model: Model, seed: UInt64 = 0, threads: Int) throws(TrainingError) -> [Network] {
    var networks: [Network] = []
    do throws(ModelError) {
      for _ in 0..<threads { networks.append(try Network(model, seed: seed)) }
    } catch { throw .model(error) }
    return networks
  }
}
