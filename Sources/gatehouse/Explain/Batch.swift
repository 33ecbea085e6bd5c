import ArgumentParser
import GatehousePlatform
import GatehouseReport

/// `gatehouse explain --batch`: a line of JSON in, a line of JSON out, in order.
struct Batch {
  /// A question has a few hundred bytes; longer than this is nothing that a person or program meant.
  private static let longestLine = 1 << 20
  private static let fullOutput = 1 << 16

  /// Answers a question with a line, newline included.
  private let answer: (ExplainQuestion, inout [UInt8]) throws -> Void
  private var output: [UInt8] = []
  private var lines = 0
  private var refused = 0

  init(answer: @escaping (ExplainQuestion, inout [UInt8]) throws -> Void) {
    self.answer = answer
  }

  /// Answers standard input to its end.
  mutating func run() throws {
    do {
      try answerAll()
      try flush()
    } catch {
      try flush()
      throw error
    }
    if refused > 0 {
      throw CommandFailure.misuse("\(refused) of \(lines) lines were no question")
    }
  }

  private mutating func answerAll() throws {
    var buffer = LineBuffer(limit: Self.longestLine)
    while true {
      let block: [UInt8]
      do throws(SystemError) {
        block = try StandardStream.nextInput()
      } catch {
        throw CommandFailure.unreadable("standard input", error)
      }
      if block.isEmpty { break }
      buffer.append(block[...])
      while let line = buffer.next() { try take(line, of: buffer) }
      // What is there to read is answered before more is waited for.
      try flush()
    }
    if let line = buffer.last() { try take(line, of: buffer) }
  }

  private mutating func take(_ line: LineBuffer.Line, of buffer: LineBuffer) throws {
    lines += 1
    switch line {
    case .complete(let range):
      do {
        try answer(ExplainQuestion(buffer.bytes, in: range), &output)
      } catch let error as JSONError {
        refuse("line \(lines), column \(error.column): \(error.problem)")
      } catch let error as UnaskableQuestion {
        refuse("line \(lines): \(error.problem)")
      }
    case .tooLong:
      refuse("line \(lines): longer than \(Self.longestLine) bytes")
    }
    if output.count >= Self.fullOutput { try flush() }
  }

  private mutating func refuse(_ problem: String) {
    refused += 1
    var writer = JSONWriter()
    writer.batchLine(error: problem)
    output += writer.bytes
  }

  private mutating func flush() throws {
    try Terminal.print(output)
    output.removeAll(keepingCapacity: true)
  }
}
