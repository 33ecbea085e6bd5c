import GatehouseControl
import GatehouseJournal
import GatehousePlatform
import GatehousePolicy
import GatehouseState

/// The codes by which users authorise a place of their own, kept over restarts, and the letters that
/// are still to be sent, which are not.
///
/// Lives on the loop.
final class CodeBook {
  private var codes = Codes()
  /// In the order in which they were made.
  private var letters: [Letter] = []
  /// How many there were since the start.
  private(set) var counts = DaemonStatus.Codes()
  private let file: StateFile<Codes.Kept>
  private let log: Log
  private let clock: () -> Instant
  private let uptime: () -> Uptime
  private var saved: SavedState<Codes.Kept>?
  /// How many saves are under way.
  private var saves = 0
  /// Whether the policy that was accepted last offers codes.
  private var isAcceptedOffering = false
  /// When it was last logged that a user is over the limit.
  private var complaints: [Name: Uptime] = [:]

  /// The most letters that wait; there are no more codes, and each has one.
  private static let mostLetters = 2 * Codes.mostOpen
  /// How long the letter about wrong codes waits for a notifier.
  private static let guessedLetterAge = Codes.day
  /// How long it is quiet about a user who is over the limit.
  private static let complaintPause = Duration.seconds(60)
  /// The most users about whom it is remembered that it was said.
  private static let mostComplaints = 1024

  /// A book without codes, until `start` takes up those that were kept.
  init(
    state: String, worker: Worker, log: Log,
    clock: @escaping () -> Instant = Instant.now,
    uptime: @escaping () -> Uptime = { Uptime.now }
  ) {
    file = StateFile(folder: state, name: "codes", KeptState.codes)
    self.log = log
    self.clock = clock
    self.uptime = uptime
    saved = SavedState(file, worker: worker) { [unowned self] in codes.kept }
  }

  /// Reads what was kept.
  func start() {
    let kept = file.value(
      reportingTo: log, .warning,
      ifLost: "the codes until now do not count any more, and nobody has caused any")
    codes.takeUp(kept ?? Codes.Kept(), clock(), uptime())
  }

  /// Takes notice of a policy that serves: one on trial offers codes only if the accepted one does.
  func obey(_ generation: Generation) {
    guard generation.source != .candidate else { return }
    isAcceptedOffering = generation.policy.codeSettings != nil
  }

  /// Whether codes are made and taken under a policy.
  func counts(under generation: Generation) -> Bool {
    generation.source != .candidate || isAcceptedOffering
  }

  // MARK: Making

  /// Whether a denied user may have a code.
  func standing(of user: Name, _ asked: AskedLogin, perDay: Int) -> Codes.Standing {
    guard case .address(let address) = asked.origin else { return .overLimit }
    return codes.standing(
      of: user, from: address, by: asked.service, role: asked.role, perDay: perDay, clock(),
      uptime())
  }

  /// Makes a code for a user who was denied, and the letter that has it.
  func make(for user: Name, _ asked: AskedLogin, denial: String, by way: CodeOffer.Way) {
    guard case .address(let address) = asked.origin else { return }
    do throws(SystemError) {
      let (code, text) = try codes.add(
        for: user, from: address, by: asked.service, role: asked.role, denial: denial, clock(),
        uptime())
      letters.append(
        Letter(
          id: denial, kind: .code, user: user, service: code.service, role: code.role,
          origin: asked.origin, time: code.made, until: code.until, code: text, way: way))
      if letters.count > Self.mostLetters { letters.removeFirst() }
      counts.made += 1
      save()
      post(CodeRecord(.made, code))
    } catch {
      log.post(.error, .failed, "no code could be made for \(user): \(error)")
    }
  }

  /// No code is made for a user who was denied, as there were too many.
  func refuse(_ user: Name, _ asked: AskedLogin, denial: String) {
    counts.overLimit += 1
    let now = uptime()
    complaints = complaints.filter { now - $0.value < Self.complaintPause }
    guard complaints[user] == nil, complaints.count < Self.mostComplaints else { return }
    complaints[user] = now
    post(CodeRecord(overLimit: user, asked, denial: denial))
  }

  // MARK: Entering

  /// Whether a user has an open code for the place of a login.
  func isOpen(for user: Name, _ asked: AskedLogin) -> Bool {
    codes.open(for: user, from: asked.addresses, by: asked.service, clock(), uptime()) != nil
  }

  /// Whether anybody may have one for its place.
  func mayBeOpen(for asked: AskedLogin) -> Bool {
    codes.mayBeOpen(from: asked.addresses, by: asked.service)
  }

  /// Tries what a user has entered, and calls back once what came of it is on the disk.
  ///
  /// - Parameters:
  ///   - text: What was entered.
  ///   - user: Who logs in, as the directory spells the name.
  ///   - asked: The login.
  ///   - way: How a letter reaches the user; nil if none does.
  ///   - completion: Gets the right code; nil for any other, or if its use could not be kept.
  func enter(
    _ text: [UInt8], for user: Name, _ asked: AskedLogin, by way: CodeOffer.Way?,
    completion: @escaping (Codes.Code?) -> Void
  ) {
    let outcome = codes.enter(
      text, for: user, from: asked.addresses, by: asked.service, clock(), uptime())
    var right: Codes.Code?
    switch outcome {
    case .none: return completion(nil)
    case .right(let code):
      right = code
      forgetLetter(of: code)
    case .wrong(let code):
      counts.wrong += 1
      post(CodeRecord(.wrong, code))
    case .ended(let code):
      counts.wrong += 1
      counts.ended += 1
      forgetLetter(of: code)
      if let way {
        letters.append(
          Letter(
            id: "\(code.denial)-guessed", kind: .guessed, user: code.user, service: code.service,
            role: code.role, origin: .address(code.address), time: clock(), until: nil, code: nil,
            way: way))
      }
      post(CodeRecord(.ended, code))
    }
    save { completion($0 == nil ? right : nil) }
  }

  /// The right code has given a grant.
  func noteUse(of code: Codes.Code, grant: String) {
    counts.used += 1
    post(CodeRecord(.used, code, grant: grant))
  }

  // MARK: Letters

  /// Forgets the letters that were sent, and gives the others that are not late.
  func letters(sent: [String]) -> [Letter] {
    let sent = Set(sent)
    let now = clock()
    codes.endOver(now, uptime())
    letters.removeAll { letter in
      if sent.contains(letter.id) { return true }
      switch letter.kind {
      case .code: return !codes.isOpen(letter.id)
      case .guessed: return now - letter.time >= Self.guessedLetterAge
      }
    }
    if codes.note(sent: sent) { save() }
    return letters
  }

  private func post(_ record: CodeRecord) { log.post(record.priority) { record.entry } }

  private func forgetLetter(of code: Codes.Code) { letters.removeAll { $0.id == code.denial } }

  /// Writes what was not written yet; once the loop and the worker have ended.
  func close() {
    if saves > 0 { try? file.write(codes.kept) }
  }

  private func save(_ completion: @escaping (SystemError?) -> Void = { _ in }) {
    saves += 1
    saved?.save { [unowned self] error in
      saves -= 1
      sayUnsaved(error)
      completion(error)
    }
  }

  private func sayUnsaved(_ error: SystemError?) {
    guard let error else { return }
    log.post(
      .error, .stateNotKept,
      "the codes cannot be kept (\(error)): after a restart none of them counts, nor how "
        + "many a user has caused")
  }
}
