import ArgumentParser
import GatehouseControl
import GatehousePlatform
import GatehousePolicy
import GatehouseReport
import SystemPackage

/// `gatehouse sessions`: who is in now, and who of them the policy would refuse.
struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Show who is in now, and whom of them the policy would refuse; end sessions.",
    discussion: """
      A line for each login session of a person that logind has open: its name, what such a login \
      would get now, who, from where, since when, by which service, on which terminal, why, and by \
      which rule. A session at the machine itself is not judged: whether such a login asks at all \
      is said by its PAM line.

      Exit status: 0 if the policy would refuse none; 1 if it would refuse any, or there is no \
      policy; 3 if the daemon cannot be asked, or the sessions cannot be read.
      """,
    subcommands: [SessionsShow.self, SessionsEnd.self], defaultSubcommand: SessionsShow.self)
}

/// `gatehouse sessions show`: shows the sessions.
struct SessionsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the sessions that are open. (The default.)")

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: AnswerOptions

  func run() throws {
    let verdicts = try RunningDaemon(daemon).ask(SessionsRequest())
    let own = OwnSessions()
    let open = (try? LoginManager().sessions()) ?? []
    try output.print(
      SessionsReport(
        verdicts, own: Set(open.filter(own.contains).map(\.id)),
        columns: StandardStream.output.columns))
  }
}

/// `gatehouse sessions end`: ends sessions.
struct SessionsEnd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end",
    abstract: "End sessions, by name or all that the policy would refuse.",
    discussion: """
      Each is shown a line on its terminal, and then ended by logind with everything that runs in \
      it. The session that this command runs in is not ended, unless --also-mine says so. On a \
      terminal it asks first; without one it wants --yes.

      Exit status: 0 if all of them have ended; 1 if one has not, or the answer was no; 3 if the \
      daemon or logind cannot be asked.
      """)

  @Argument(
    help: ArgumentHelp("The names of sessions, as they are shown.", valueName: "session"),
    completion: .session)
  var names: [String] = []

  @Flag(help: "End every session that the policy would refuse.")
  var refused = false

  @Flag(help: "Do not ask.")
  var yes = false

  @Flag(help: "End also the session that this command runs in.")
  var alsoMine = false

  @OptionGroup var daemon: DaemonOptions

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard names.isEmpty == refused else {
      throw ValidationError("either names of sessions or --refused is expected")
    }
    for name in names where !name.utf8.allSatisfy(Self.isOfName) || name.isEmpty {
      throw ValidationError("\(name): not the name of a session")
    }
  }

  /// Whether the names of logind's sessions may have this byte: letters and digits.
  private static func isOfName(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  func run() throws {
    guard CurrentProcess.isRoot else {
      throw CommandFailure.unreachable("only root can end sessions", remedy: "run this as root")
    }
    var left = 0
    var ending = refused ? try refusedSessions(&left) : try namedSessions()
    let own = OwnSessions()
    if !alsoMine {
      for mine in ending where own.contains(mine.session) {
        guard refused else {
          throw CommandFailure.refused(
            "session \(mine.session.id) may be the one that you are in",
            remedy: "--also-mine ends it, too")
        }
        left += 1
        Terminal.say(
          "gatehouse: your own session \(mine.session.id) is left; --also-mine ends it\n")
      }
      ending.removeAll { own.contains($0.session) }
    }
    if !ending.isEmpty { try confirm(ending) }
    // Its own comes last.
    let ordered =
      ending.filter { !own.contains($0.session) } + ending.filter { own.contains($0.session) }
    try output.print(EndedSessions(ordered.map { $0.end() }, left: left))
  }

  private func namedSessions() throws(CommandFailure) -> [EndingSession] {
    var ending: [EndingSession] = []
    for name in names where !ending.contains(where: { $0.session.id == name }) {
      do throws(SystemError) {
        ending.append(EndingSession(try LoginManager().session(name), reason: nil))
      } catch {
        guard error.code == .noSuchAddressOrDevice else {
          throw .unreadable("session \(name)", error)
        }
        throw .refused(
          "there is no session \(name)", remedy: "`gatehouse sessions` shows those that are open")
      }
    }
    return ending
  }

  private func refusedSessions(_ left: inout Int) throws(CommandFailure) -> [EndingSession] {
    let verdicts = try RunningDaemon(daemon).ask(SessionsRequest())
    if let problem = verdicts.problem {
      throw .unreachable("the login sessions cannot be read: \(problem)")
    }
    guard verdicts.hasPolicy else {
      throw .refused(
        "the daemon has no policy, so it would refuse nobody",
        remedy: "`gatehouse check` says what is wrong with it")
    }
    for session in verdicts.sessions where session.isRefused && !session.isToBeEnded {
      left += 1
      Terminal.say(
        "gatehouse: session \(session.id) is left, since groups cannot be read: \(session.reason)\n"
      )
    }
    var ending: [EndingSession] = []
    for judged in verdicts.sessions where judged.isToBeEnded {
      let session: LoginSession
      do throws(SystemError) {
        session = try LoginManager().session(judged.id)
      } catch {
        if error.code == .noSuchAddressOrDevice { continue }
        throw .unreadable("session \(judged.id)", error)
      }
      // One that has begun under the same name meanwhile is not the one that was judged.
      guard session.openedAt == judged.since?.microseconds, session.remoteHost == judged.host
      else { continue }
      ending.append(EndingSession(session, reason: judged.reason))
    }
    return ending
  }

  /// Asks on a terminal; throws if the answer is no, or there is nobody to ask.
  private func confirm(_ ending: [EndingSession]) throws(CommandFailure) {
    guard !yes else { return }
    guard StandardStream.input.isTerminal else {
      throw .misuse("without a terminal, --yes is needed to end sessions")
    }
    for one in ending {
      Terminal.say("session \(one.session.id): \(one.person.escapedForTerminal)\n")
    }
    let question =
      ending.count == 1
      ? "End this session? (y)es or (n)o:" : "End these \(ending.count) sessions? (y)es or (n)o:"
    guard let answer = Terminal.ask(question), ["y", "yes"].contains(answer.lowercased()) else {
      throw .refused("nothing was ended")
    }
  }
}

/// A session that is to be ended.
private struct EndingSession {
  /// How long a session may take to end: its processes are asked to first.
  private static let patience = Duration.seconds(5)

  let session: LoginSession
  /// Why the policy would refuse it; nil if it was named.
  let reason: String?

  init(_ session: LoginSession, reason: String?) {
    self.session = session
    self.reason = reason
  }

  /// Its user and place.
  var person: String {
    let user =
      session.userName ?? OwnSession.name(of: session.user)?.description
      ?? "user id \(session.user)"
    return "\(user) from \(session.remoteHost ?? session.terminal ?? "unknown")"
  }

  /// Tells its user, ends it, and says what became of it.
  func end() -> EndedSessions.Session {
    let why =
      reason.map { "the policy does not allow it any more (\($0))" } ?? "by the administrator"
    let wasTold =
      session.terminal.map {
        UserTerminal.show("gatehouse: this session is ended: \(why).", on: $0, of: session.user)
      } ?? false
    return EndedSessions.Session(
      id: session.id, person: person, wasTold: wasTold, problem: terminate())
  }

  /// Has logind end it, and returns why it did not.
  private func terminate() -> String? {
    do throws(SystemError) {
      let name = "loginctl"
      guard let program = Programs.find(name) else { return "there is no \(name)" }
      let result = try Programs.result(
        of: program, [name, "--no-ask-password", "terminate-session", "--", session.id],
        within: .seconds(30))
      guard result.ending == .exited(0) else {
        let said = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first
        return said.map { "\(name): \($0)" } ?? "\(name) failed"
      }
    } catch { return "\(error)" }
    let end = Uptime.now + Self.patience
    repeat {
      do throws(SystemError) {
        guard try LoginManager().session(session.id).openedAt == session.openedAt else {
          return nil
        }
      } catch {
        if error.code == .noSuchAddressOrDevice { return nil }
        return "it cannot be read whether it has ended: \(error)"
      }
      SystemClock.sleep(.milliseconds(50))
    } while .now < end
    return "it is being ended, and processes of it are still there"
  }
}

/// The sessions whose end would end this command, too.
private struct OwnSessions {
  /// The session that this command runs in; nil if that is not known.
  private let session: LoginSession?
  /// The user who logged in to run it, by number; nil if nobody did.
  private let user: UInt32?

  init() {
    session = OwnSession.loggedIn()
    user = (try? LoginManager().ownLoginUser()).flatMap(\.self)
  }

  /// Whether it may be one of them.
  ///
  /// In a program that has left its session, such as tmux, any session of the same user may be.
  func contains(_ other: LoginSession) -> Bool {
    guard let session, session.isOfPerson, !session.isClosing else { return other.user == user }
    return other.id == session.id
  }
}
