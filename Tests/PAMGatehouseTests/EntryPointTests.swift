import CPAM
import CPAMHost
import GatehouseControl
import GatehouseWire
import Glibc
import PAMGatehouse
import Synchronization
import TestKit
import Testing

/// A login in this process, by a real handle of libpam.
@safe private final class Login {
  /// What the user has read.
  private final class Screen: Sendable {
    let texts = Mutex<[String]>([])
  }

  /// The stages of PAM, each of which has an entry point.
  enum Stage: CaseIterable { case account, authentication, credentials, opening, closing, password }

  private let handle: OpaquePointer
  private let screen = Screen()
  private let folder: TemporaryDirectory

  /// What the user has read.
  var shown: [String] { screen.texts.withLock { $0 } }

  /// The roles in PAM's environment; nil if they are not set.
  // SAFETY: the handle is valid until deinit; the text is copied at once.
  var roles: String? {
    unsafe pam_getenv(handle, "GATEHOUSE_ROLES").map { unsafe String(cString: $0) }
  }

  init(_ user: String?, service: String, from remoteHost: String?) throws {
    folder = try TemporaryDirectory("gatehouse-entry")
    try folder.write("account required pam_permit.so\n", to: service)
    try folder.write("", to: "other")
    // SAFETY: libpam gives back the pointer of this screen, which lives as long as the handle.
    var conversation = unsafe pam_conv(
      conv: { count, messages, responses, data in
        guard let data = unsafe data, let messages = unsafe messages else { return PAM_CONV_ERR }
        let screen = unsafe Unmanaged<Screen>.fromOpaque(data).takeUnretainedValue()
        for index in 0..<Int(count) {
          guard let text = unsafe messages[index]?.pointee.msg else { continue }
          let line = unsafe String(cString: text)
          screen.texts.withLock { $0.append(line) }
        }
        // libpam frees it.
        unsafe responses?.pointee = unsafe calloc(Int(count), MemoryLayout<pam_response>.stride)?
          .assumingMemoryBound(to: pam_response.self)
        return PAM_SUCCESS
      }, appdata_ptr: Unmanaged.passUnretained(screen).toOpaque())
    var handle: OpaquePointer?
    // SAFETY: the texts are C strings for the length of the calls, which copy them.
    let result = unsafe pam_start_confdir(service, user, &conversation, folder.path, &handle)
    guard result == PAM_SUCCESS, let handle = unsafe handle else {
      throw TestKitError("pam_start_confdir: \(result)")
    }
    unsafe self.handle = handle
    if let remoteHost { unsafe pam_set_item(handle, PAM_RHOST, remoteHost) }
    unsafe pam_putenv(handle, "SSH_CONNECTION=203.0.113.9 50000 192.0.2.1 22")
  }

  /// Calls the entry point of a stage with the arguments of a line.
  func call(_ stage: Stage, _ arguments: [String], flags: CInt = 0) -> CInt {
    // SAFETY: copies of its own, freed after the call, which does not keep them.
    let copies = unsafe arguments.map { unsafe strdup($0) }
    defer { unsafe copies.forEach { unsafe free($0) } }
    var argv = unsafe copies.map { copy in unsafe copy.map { unsafe UnsafePointer($0) } }
    return unsafe argv.withUnsafeMutableBufferPointer {
      let (count, argv) = (CInt($0.count), $0.baseAddress)
      return switch stage {
      case .account: unsafe pam_sm_acct_mgmt(handle, flags, count, argv)
      case .authentication: unsafe pam_sm_authenticate(handle, flags, count, argv)
      case .credentials: unsafe pam_sm_setcred(handle, flags, count, argv)
      case .opening: unsafe pam_sm_open_session(handle, flags, count, argv)
      case .closing: unsafe pam_sm_close_session(handle, flags, count, argv)
      case .password: unsafe pam_sm_chauthtok(handle, flags, count, argv)
      }
    }
  }

  // SAFETY: nobody has the handle any more.
  deinit { unsafe pam_end(handle, PAM_SUCCESS) }
}

/// The shipped module is built otherwise, and tested by Tests/ModuleTests; here its code runs in a build
/// that sanitizers and the counting of lines can look into.
@Suite("The entry points, by a real handle of libpam")
struct EntryPointTests {
  @Test("allow: goes on, with its roles")
  func allow() throws {
    let answer = Frame.answer(.allow, reason: "listed", roles: [Array("mobile".utf8)])
    let daemon = try FakeDaemon.answering(answer.bytes.array)
    let login = try Login("alice", service: "sshd", from: "203.0.113.9")
    #expect(login.call(.account, ["socket=\(daemon.path)", "debug"]) == PAM_SUCCESS)
    #expect(login.roles == "mobile")
    #expect(login.shown == [])
  }

  @Test("deny: the user reads why, unless the program wants nothing shown")
  func deny() throws {
    let answer = Frame.answer(.deny, reason: "not_listed", message: "Not from here.", id: "abc")
    let daemon = try FakeDaemon.answering(answer.bytes.array)
    let login = try Login("alice", service: "sshd", from: "203.0.113.9")
    let arguments = ["socket=\(daemon.path)"]
    #expect(
      login.call(.account, arguments, flags: CInt(PAM_SILENT)) == PAM_PERM_DENIED)
    #expect(login.shown == [])
    #expect(login.call(.account, arguments) == PAM_PERM_DENIED)
    #expect(login.shown == ["Not from here."])
    #expect(login.roles == nil)
  }

  @Test("nothing to say, no answer, and no user")
  func others() throws {
    let folder = try TemporaryDirectory()
    let nobody = "socket=\(folder.file("none"))"
    let local = try Login("alice", service: "login", from: nil)
    #expect(local.call(.account, [nobody]) == PAM_IGNORE)
    let remote = try Login("alice", service: "sshd", from: "client.example.org")
    #expect(remote.call(.account, [nobody]) == PAM_AUTHINFO_UNAVAIL)
    #expect(remote.call(.account, [nobody, "onerr=succeed"]) == PAM_IGNORE)
    let unnamed = try Login(nil, service: "sshd", from: "203.0.113.9")
    #expect(unnamed.call(.account, [nobody]) == PAM_PERM_DENIED)
    #expect(pam_sm_acct_mgmt(nil, 0, 0, nil) == PAM_SYSTEM_ERR)
    #expect(pam_sm_authenticate(nil, 0, 0, nil) == PAM_SYSTEM_ERR)
  }

  @Test("an option that is not understood is refused in both stages")
  func misspelt() throws {
    let login = try Login("alice", service: "sshd", from: "203.0.113.9")
    #expect(login.call(.account, ["tmieout=500"]) == PAM_PERM_DENIED)
    #expect(login.call(.authentication, ["tmieout=500"]) == PAM_AUTH_ERR)
    let root = try Login("root", service: "login", from: nil)
    #expect(root.call(.account, ["tmieout=500"]) == PAM_IGNORE)
    #expect(root.call(.authentication, ["tmieout=500"]) == PAM_IGNORE)
  }

  @Test("a question about a network has a yes or a no")
  func network() throws {
    for decision in [AnswerDecision.allow, .deny] {
      let answer = Frame.answer(decision, reason: "in_network")
      let daemon = try FakeDaemon.answering(answer.bytes.array)
      let login = try Login("alice", service: "sshd", from: "203.0.113.9")
      let arguments = ["socket=\(daemon.path)", "network=office", "origin=session"]
      let expected = decision == .allow ? PAM_SUCCESS : PAM_AUTH_ERR
      #expect(login.call(.account, arguments) == expected)
      #expect(login.call(.authentication, arguments) == expected)
      #expect(login.shown == [])
    }
  }

  @Test("a question about the second factor has a yes or a no, also for a wrong option")
  func factor() throws {
    for decision in [AnswerDecision.allow, .deny, .ignore, .noPolicy] {
      let answer = Frame.answer(decision, reason: "listed")
      let daemon = try FakeDaemon.answering(answer.bytes.array)
      let login = try Login("alice", service: "sshd", from: "203.0.113.9")
      let arguments = ["socket=\(daemon.path)", "factor"]
      let expected = decision == .allow ? PAM_SUCCESS : PAM_AUTH_ERR
      #expect(login.call(.account, arguments) == expected)
      #expect(login.call(.authentication, arguments) == expected)
      #expect(login.call(.authentication, arguments + ["factor=1"]) == PAM_AUTH_ERR)
      #expect(login.shown == [])
    }
  }

  @Test("a code is asked for in the authentication stage, and nowhere else")
  func authorize() throws {
    let open = Frame.answer(.allow, reason: "code_open")
    let daemon = try FakeDaemon.answering(open.bytes.array)
    let login = try Login("alice", service: "sshd", from: "203.0.113.9")
    let arguments = ["socket=\(daemon.path)", "authorize"]
    // Nobody types anything.
    #expect(login.call(.authentication, arguments) == PAM_AUTH_ERR)
    #expect(login.shown == ["Code that was sent to you: "])
    #expect(login.call(.account, arguments) == PAM_AUTH_ERR)
    #expect(login.call(.authentication, arguments + ["factor"]) == PAM_AUTH_ERR)
    let none = try FakeDaemon.answering(Frame.answer(.ignore, reason: "no_code").bytes.array)
    #expect(
      login.call(.authentication, ["socket=\(none.path)", "authorize"]) == PAM_IGNORE)
    #expect(login.shown.count == 1)
  }

  @Test("who calls is asked for, if the session tells the origin")
  func caller() throws {
    let answer = Frame.answer(.local, reason: "local")
    let daemon = try FakeDaemon.answering(answer.bytes.array)
    let login = try Login("alice", service: "polkit-1", from: nil)
    let arguments = ["socket=\(daemon.path)", "origin=session"]
    #expect(login.call(.account, arguments) == PAM_IGNORE)
  }

  @Test("the other stages have nothing to say")
  func nothing() throws {
    let login = try Login("alice", service: "sshd", from: "203.0.113.9")
    for stage in Login.Stage.allCases where stage != .account && stage != .authentication {
      #expect(login.call(stage, ["wrong"]) == PAM_IGNORE)
    }
    #expect(login.call(.authentication, []) == PAM_IGNORE)
  }
}
