import Lockstep

/// One line for one row: numbers joined by commas.
func answer(_ line: String, by model: TrainedModel) throws(RunError) -> String {
  let row = line.split(separator: ",").map { Double($0) ?? .nan }
  let probabilities = try model.predict([row])[0]
  let likeliest = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
  return "class \(likeliest), \(Int((probabilities[likeliest] * 100).rounded())) %"
}

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.count {
case 1:
  let model = try TrainedModel(checkpoint: arguments[0])
  while let line = readLine() {
    // What cannot be predicted says why, and the next line has its turn.
    do throws(RunError) { print(try answer(line, by: model)) } catch { print("error: \(error)") }
  }
case 2:
  let receipt = try TrainedModel(checkpoint: arguments[0]).export(to: arguments[1], probabilities: true)
  print("\(receipt.path): \(receipt.tensors) tensors, \(receipt.numbers) numbers")
default:
  print("usage: Serve CHECKPOINT < rows, or Serve CHECKPOINT MODEL.onnx")
}
