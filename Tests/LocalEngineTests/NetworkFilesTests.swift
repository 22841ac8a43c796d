// SPDX-License-Identifier: Apache-2.0
import Engine
import Testing

@testable import LocalEngine

struct NetworkFilesTests {
    @Test(arguments: [
        ("nameserver 192.0.2.1\nsearch lan\n", "nameserver 192.0.2.1\nsearch lan\n"),
        ("nameserver 127.0.0.1\nnameserver 192.0.2.1\n", "nameserver 192.0.2.1\n"),
        ("nameserver fd00::1\nnameserver ::1\nnameserver 192.0.2.1\n", "nameserver 192.0.2.1\n"),
        ("nameserver fe80::1%eth0\n", "nameserver 8.8.8.8\nnameserver 8.8.4.4\n"),
        ("options edns0\nnameserver 127.0.0.11\n", "options edns0\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n"),
        ("", "nameserver 8.8.8.8\nnameserver 8.8.4.4\n"),
        ("# a comment\nnameserver nonsense\nnameserver\t192.0.2.1\n", "# a comment\nnameserver\t192.0.2.1\n"),
    ])
    func `a container gets the host's resolvers that it can reach`(host: String, container: String) {
        #expect(NetworkFiles.resolvConf(host: host, behindStub: { "" }) == container)
    }

    @Test func `behind systemd's stub are the real resolvers`() {
        let host = "nameserver 127.0.0.53\noptions edns0\nsearch .\n"
        #expect(
            NetworkFiles.resolvConf(host: host, behindStub: { "nameserver 192.0.2.7\n" }) == "nameserver 192.0.2.7\n")
        // Together with another, the stub is only one that cannot be reached.
        #expect(
            NetworkFiles.resolvConf(
                host: "nameserver 127.0.0.53\nnameserver 192.0.2.1\n", behindStub: { "nameserver 192.0.2.7\n" })
                == "nameserver 192.0.2.1\n")
    }

    @Test func `a container finds itself by its name`() {
        let hosts = NetworkFiles.hosts(hostname: "web", address: IPv4Address(0xac11_0002))
        #expect(hosts.hasPrefix("127.0.0.1\tlocalhost\n"))
        #expect(hosts.hasSuffix("ff02::2\tip6-allrouters\n172.17.0.2\tweb\n"))
        #expect(!NetworkFiles.hosts(hostname: "web", address: nil).contains("web"))
    }

    @Test(arguments: [
        ("172.17.0.0/20", "172.17.15.255/32", true), ("172.17.0.0/20", "172.17.16.0/20", false),
        ("10.0.0.0/8", "10.1.2.3/32", true), ("0.0.0.0/0", "203.0.113.0/24", true),
    ])
    func `subnets overlap or not`(first: String, second: String, answer: Bool) throws {
        let (first, second) = (try #require(Subnet(parsing: first)), try #require(Subnet(parsing: second)))
        #expect(first.overlaps(second) == answer && second.overlaps(first) == answer)
    }

    @Test(arguments: ["", "10.0.0.0", "10.0.0.0/33", "::/64", "10.0.0/8", "10.0.0.0/8/8"])
    func `what is no subnet is none`(text: String) { #expect(Subnet(parsing: text) == nil) }
}
