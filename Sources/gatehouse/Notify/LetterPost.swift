import GatehouseControl
import GatehouseJournal
import GatehouseNotify
import GatehousePlatform
import GatehousePolicy

/// Gets letters from the daemon, and sends each by its own way.
///
/// Each is handed over by a thread of its own, so a way that takes long holds up no other letter.
struct LetterPost {
  /// How long the daemon's answer is waited for.
  private static let patience = Duration.seconds(5)
  /// How long the daemon is not asked again after it did not answer.
  private static let pauseAfterFailure = Duration.seconds(10)
  /// How often it is asked if nothing in the log says that there is a letter: entries may be lost.
  private static let longestPause = Duration.seconds(60)

  private let daemon: RunningDaemon
  private let delivery: NoticeDelivery
  private var book = LetterBook()
  private var underWay: [String: (letter: Letter, problem: Pending<String?>)] = [:]
  /// When the daemon is to be asked.
  private var nextAsk = Uptime.now
  /// Until when it is not asked, whatever the log says.
  private var restEnd = Uptime.now

  init(_ daemon: RunningDaemon, _ delivery: NoticeDelivery) {
    self.daemon = daemon
    self.delivery = delivery
  }

  /// Takes up that the daemon may have a letter.
  mutating func expect() { nextAsk = .now }

  /// Does what can be done now.
  mutating func work() {
    collect()
    ask()
    for letter in book.start(at: .now()) {
      underWay[letter.id] = (letter, Pending { [delivery] in delivery.send(letter) })
    }
  }

  /// How long nothing has to be done, unless the log says that there is a letter.
  var pause: Duration {
    // Whether a letter was taken is looked at once a second.
    guard underWay.isEmpty else { return .seconds(1) }
    let ask = max(nextAsk, restEnd) - .now
    let now = Instant.now()
    return book.next(at: now).map { min(ask, $0 - now) } ?? ask
  }

  /// Takes up which letters were taken, and which were not.
  private mutating func collect() {
    for (id, (letter, pending)) in underWay {
      guard let problem = pending.ready else { continue }
      underWay[id] = nil
      if book.note(id, wasTaken: problem == nil, at: .now()) {
        let what = letter.kind == .code ? "a code for" : "a letter about wrong codes to"
        CommandLog.post(
          .notTold, priority: 4,
          "\(what) \(letter.user) cannot be sent: \(problem ?? ""); it is tried again until it is late"
        )
      }
    }
  }

  private mutating func ask() {
    let done = book.done(atMost: LettersRequest.mostSent)
    guard !done.isEmpty || Uptime.now >= nextAsk, Uptime.now >= restEnd else { return }
    var request = LettersRequest()
    request.sent = done
    do throws(CommandFailure) {
      book.take(try daemon.ask(request, patience: Self.patience).letters, told: done)
      nextAsk = .now + Self.longestPause
    } catch {
      restEnd = .now + Self.pauseAfterFailure
    }
  }
}
