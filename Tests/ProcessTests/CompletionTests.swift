import Glibc
import TestKit
import Testing

/// Real shells, with the scripts that the packages install.
@Suite("What the shells offer")
struct CompletionTests {
  enum Shell: String, CaseIterable {
    case bash, zsh, fish

    var isHere: Bool { (try? run("/bin/sh", ["-c", "command -v \(rawValue)"]).status) == 0 }
  }

  private static let scripts = Dictionary(
    uniqueKeysWithValues: Shell.allCases.map { shell in
      (
        shell,
        (try? gatehouse(["--generate-completion-script", shell.rawValue]).output) ?? ""
      )
    })
  private let folder: TemporaryDirectory
  private var policy: String { folder.file("wards.yaml") }

  init() throws {
    folder = try TemporaryDirectory()
    try folder.write(
      """
      version: 1
      networks: {wardnet: [192.0.2.0/24]}
      services: {wardsvc: {from: [wardnet]}}
      everyone: {from: [wardnet]}
      roles: {wardrole: {members: {users: [wardwilma], groups: [wardgroup]}}}
      users:
        "ward$(touch \(folder.path)/pwned)": {also_from: [192.0.2.1]}
        "ward evil": {also_from: [192.0.2.1]}

      """, to: "wards.yaml")
  }

  /// The words that a shell offers in the place of the last of these; but for bash, the line as it makes it.
  private func offers(of shell: Shell, _ words: [String]) throws -> [String] {
    let program = try builtProgram("gatehouse")
    let path = program.dropLast("/gatehouse".count)
    // As the packages install it: _gatehouse for zsh.
    try folder.write(try #require(Self.scripts[shell]), to: "_gatehouse")
    let line = (["gatehouse"] + words).joined(separator: " ")
    let environment = [
      "PATH": "\(path):/usr/bin:/bin", "SCRIPT": folder.file("_gatehouse"), "LINE": line,
      "OUT": folder.file("out"), "HOME": folder.path, "TERM": "xterm",
      "XDG_CONFIG_HOME": folder.path,
    ]
    let commands =
      switch shell {
      case .bash:
        """
        source "$SCRIPT"
        COMP_WORDS=($LINE) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        [[ $LINE == *' ' ]] && { COMP_WORDS+=(''); COMP_CWORD=$((COMP_CWORD + 1)); }
        COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_TYPE=9
        _gatehouse gatehouse "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      // A terminal of its own: the line is typed, then Tab, and then a key that writes it to a file.
      case .zsh:
        """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'PS1=; fpath=('"${SCRIPT:h}"' $fpath); autoload -Uz compinit; compinit -u -D'
        zpty -w shell 'dump() { print -r -- "$BUFFER" >"$OUT"; exit }; zle -N dump'
        zpty -w shell 'bindkey "^I" complete-word; bindkey "^X" dump'
        zpty -w -n shell "$LINE"$'\\t\\x18'
        while zpty -r shell; do :; done >/dev/null
        [[ -e $OUT ]] && print -r -- "$(<$OUT)"
        """
      // On a terminal, too, which `script` makes. It reads what was typed before only by chance.
      case .fish:
        #"""
        keys() {
          until [[ -e $OUT.ready ]]; do sleep 0.1; done
          printf '%s\t' "$LINE"
          until [[ -e $OUT ]]; do sleep 0.5; printf '\x18'; done
        }
        script -qec 'fish --no-config -C "source $SCRIPT
          bind \cx \"commandline >$OUT; exit\"
          function fish_prompt; touch $OUT.ready; end"' /dev/null >/dev/null < <(keys)
        cat "$OUT"
        rm "$OUT" "$OUT.ready"
        """#
      }
    // What does not end by itself is ended with all that it has started.
    let result = try run(
      "timeout",
      ["--kill-after=1", "60"] + (shell == .zsh ? ["zsh", "-f"] : ["bash", "--norc"])
        + ["-c", commands],
      environment: environment)
    #expect(result.errors == "", "\(shell) \(line)")
    return result.output.split(separator: "\n").map(String.init)
  }

  /// What a shell should make of a line whose last word is begun.
  private func expect(_ shell: Shell, _ words: [String], offers word: String) throws {
    let offers = try offers(of: shell, words)
    let whole = (["gatehouse"] + words.dropLast() + [word]).joined(separator: " ")
    #expect(
      offers == (shell != .bash ? [whole + " "] : [word]),
      "\(shell): \(words) offers \(offers)")
  }

  @Test(
    "names of the policy that is named, of the machine, and of the rules", arguments: Shell.allCases
  )
  func names(shell: Shell) throws {
    guard shell.isHere else { try Test.cancel("there is no \(shell) here") }
    let named = ["--policy", policy]
    try expect(shell, ["explain"] + named + ["ward"], offers: "wardwilma")
    try expect(shell, ["where"] + named + ["x", "--group", "ward"], offers: "wardgroup")
    try expect(shell, ["where"] + named + ["x", "--role", "ward"], offers: "wardrole")
    try expect(shell, ["list"] + named + ["--network", "ward"], offers: "wardnet")
    try expect(shell, ["who"] + named + ["--service", "ward"], offers: "wardsvc")
    try expect(shell, ["log", "--user", "nobod"], offers: "nobody")
    try expect(shell, ["log", "--reason", "user_unk"], offers: "user_unknown")
    try expect(shell, ["check", folder.file("wards.y")], offers: policy)
    try expect(shell, ["disal"], offers: "disallow")
    try expect(shell, ["help", "disal"], offers: "disallow")
    #expect((try? readText(folder.file("pwned"))) == nil)
  }

  @Test(
    "a policy that cannot be read, and a daemon that is not there, offer nothing and say nothing",
    arguments: Shell.allCases)
  func nothing(shell: Shell) throws {
    guard shell.isHere else { try Test.cancel("there is no \(shell) here") }
    for words in [
      ["list", "--policy", folder.file("none"), "--network", "ward"],
      ["revoke", "--socket", folder.file("none"), "g"],
      ["history", "show", "--history", folder.file("none"), "1"],
    ] {
      let offers = try offers(of: shell, words)
      #expect(
        shell != .bash ? offers == [(["gatehouse"] + words).joined(separator: " ")] : offers == [])
    }
  }

  @Test(
    "the ids of grants, and numbers of changes",
    .enabled(if: isRoot, "needs root: it runs a daemon"),
    arguments: Shell.allCases)
  func ids(shell: Shell) throws {
    guard shell.isHere else { try Test.cancel("there is no \(shell) here") }
    let bench = try DaemonBench()
    let daemon = try bench.start()
    defer { daemon.signal(SIGKILL) }
    let grant = try gatehouse([
      "grant", "daemon", "--from", "203.0.113.7", "--for", "1h", "--reason", "x", "--socket",
      bench.socket,
    ])
    #expect(grant.status == 0, "\(grant)")
    try expect(shell, ["revoke", "--socket", bench.socket, "daem"], offers: "daemon")
    let history = bench.folder.file("history")
    let changed = DaemonBench.examplePolicy.replacing("192.0.2.0/24", with: "192.0.2.0/25")
    let apply = try gatehouse(
      [
        "apply", "-", "--folder", bench.config, "--history", history, "--socket", bench.socket,
        "--allow-lockout", "all,unjudged",
      ], input: changed)
    #expect(apply.status == 0, "\(apply)")
    try expect(shell, ["rollback", "--history", history, "2"], offers: "2")
  }

  @Test("the script of another version gets nothing, and no message")
  func otherVersion() throws {
    let outcome = try gatehouse(["---completion", "explain", "--", "--no-such", "1", "0", "x"])
    #expect(outcome.status == 1)
    #expect(outcome.output + outcome.errors == "")
  }
}
