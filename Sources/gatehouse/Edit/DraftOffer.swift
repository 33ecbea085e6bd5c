import GatehouseChange
import GatehousePlatform
import GatehousePolicy

/// The offer to take up what was typed before, and not applied.
struct DraftOffer {
  private let file: String
  private let history: History
  private let description: String

  init(_ file: String, _ history: History, as command: String) {
    self.file = file
    self.history = history
    description = PolicyChange.description(of: command, by: .own())
  }

  /// An earlier draft, if the administrator wants it, or a new one.
  ///
  /// At the end of input it is a new one, and the earlier one stays.
  ///
  /// - Parameter base: The file as it is; nil if there is none.
  /// - Returns: The draft to edit.
  /// - Throws: If no draft can be kept.
  func draft(over base: [UInt8]?) throws(CommandFailure) -> Draft {
    do throws(SystemError) {
      let others = try Draft.others(of: file, in: history, as: description)
      for holder in others.holders {
        Terminal.say("note: \(file) is in an editor already: \(holder)\n")
      }
      if let earlier = others.leftBehind.first {
        let note = earlier.note
        let question =
          "\(file): what \(note.author.map { "\($0)" } ?? "somebody") typed, beginning "
          + "\(note.began.roundedToSeconds), was not applied. (t)ake it up, or (b)egin anew?"
        answer: while let line = Terminal.ask(question) {
          switch line.lowercased() {
          case "t": return earlier
          case "b":
            earlier.discard()
            break answer
          default: continue
          }
        }
      }
      return try Draft.begin(
        Draft.Note(file: file, author: .own(), base: base), in: history, as: description)
    } catch {
      throw .unreachable("there is no place to edit in: \(error)", remedy: error.remedy)
    }
  }
}
