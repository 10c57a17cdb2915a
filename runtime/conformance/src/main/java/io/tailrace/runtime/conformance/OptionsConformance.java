package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.NewVolume;
import io.tailrace.runtime.spi.ProcessSpec.Ulimit;
import io.tailrace.runtime.spi.RuntimeContainer;
import io.tailrace.runtime.spi.RuntimeProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container is asked to be is what its processes see. */
interface OptionsConformance {
    Bench bench();

    @Test
    default void groupsAreAddedToTheUsers() throws Exception {
        Options options = bench().options("id -G");
        options.groups = List.of("1234", "5678");
        assertThat(bench().output(options).strip().split(" ")).contains("1234", "5678");
        options.groups = List.of("no-such-group");
        assertThatThrownBy(() -> bench().output(options))
                .hasMessageContaining("no-such-group")
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    default void ulimitsHoldForTheProcessAndForExecs() throws Exception {
        Options options = bench().options("ulimit -Sn; ulimit -Hn; ulimit -Sc");
        options.ulimits = List.of(new Ulimit("nofile", 123, 456), new Ulimit("core", 0, -1));
        assertThat(bench().output(options)).isEqualTo("123\n456\n0\n");
    }

    @Test
    default void noProgramGainsRights() throws Exception {
        Options options = bench().options("grep NoNewPrivs /proc/self/status");
        assertThat(bench().output(options)).isEqualTo("NoNewPrivs:\t0\n");
        options.isNoNewPrivileges = true;
        assertThat(bench().output(options)).isEqualTo("NoNewPrivs:\t1\n");
    }

    @Test
    default void anInitProgramIsPidOneReapsOrphansAndEndsAsTheProcessDoes() throws Exception {
        Options options = bench().options("""
                [ $$ != 1 ] || echo no init
                sh -c 'sleep 0.1 & exit 0'
                sleep 1
                grep -l 'State:.Z' /proc/[0-9]*/status
                exit 7""");
        options.hasInit = true;
        RuntimeProcess process = bench().create(options.spec()).prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        assertThat(Bench.text(out.await())).isEmpty();
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(7);
        process.delete();
    }

    @Test
    default void anInitProgramHandsSignalsOn() throws Exception {
        Options options = bench().options("trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done");
        options.hasInit = true;
        RuntimeProcess process = bench().create(options.spec()).prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        out.await("ready\n");
        process.signal(15);
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(9);
        process.delete();
    }

    @Test
    default void hostsAreNamesThatResolve() throws Exception {
        Options options = bench().options("grep -E 'db|six' /etc/hosts");
        options.hosts = List.of(new HostEntry("db", "192.0.2.7"), new HostEntry("six", "2001:db8::1"));
        assertThat(bench().output(options)).isEqualTo("192.0.2.7\tdb\n2001:db8::1\tsix\n");
    }

    @Test
    default void namesAreAskedForAsDnsSays() throws Exception {
        Options options = bench().options("grep -vE '^(#|$)' /etc/resolv.conf | sort");
        options.dns = new Dns(List.of("192.0.2.1", "192.0.2.2"), List.of("example.com"), List.of("ndots:3"));
        assertThat(bench().output(options))
                .isEqualTo("nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:3\nsearch example.com\n");
    }

    @Test
    default void aDeviceOfTheHostCanBeUsedAsFarAsItIsAllowed() throws Exception {
        Options options = bench().options("""
                (: < /dev/mine) && echo readable
                (: <> /dev/mine) && echo writable
                exit 0""");
        options.devices = List.of(new Device("/dev/loop-control", "/dev/mine", "rwm"));
        assertThat(bench().output(options)).isEqualTo("readable\nwritable\n");
        options.devices = List.of(new Device("/dev/loop-control", "/dev/mine", "r"));
        assertThat(bench().output(options)).isEqualTo("readable\n");
        options.devices = List.of(new Device("/dev/no-such-device", "/dev/mine", "r"));
        assertThatThrownBy(() -> bench().output(options))
                .hasMessageContaining("/dev/no-such-device")
                .extracting("code")
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    @Test
    default void aTmpfsHasItsOptions() throws Exception {
        Options options = bench().options("""
                stat -c '%a %u' /plain; stat -c '%a %u' /own
                grep -E ' /(plain|own) ' /proc/mounts | grep -c noexec
                echo x > /read-only/file || exit 3""");
        options.mounts = List.of(
                new Mount(Mount.Type.TMPFS, "", "/plain", false, 0, List.of()),
                new Mount(Mount.Type.TMPFS, "", "/own", false, 1 << 20, List.of("mode=700", "uid=7", "exec")),
                new Mount(Mount.Type.TMPFS, "", "/read-only", true, 0, List.of()));
        RuntimeProcess process = bench().create(options.spec()).prepare();
        Reading out = Reading.of(process.stdout());
        process.start();
        assertThat(Bench.text(out.await())).isEqualTo("1777 0\n700 7\n1\n");
        assertThat(Bench.exitOf(process).exitCode()).isEqualTo(3);
        process.delete();
    }

    private Mount volume(String name, String target, boolean isReadOnly, String... options) {
        return new Mount(Mount.Type.VOLUME, name, target, isReadOnly, 0, List.of(options));
    }

    @Test
    default void whatIsInAVolumeOutlivesContainers() throws Exception {
        bench().createVolume(NewVolume.named("outlives", Map.of()));
        Options writes = bench().options("echo kept > /v/file; mkdir /v/deep; cd /v/deep; echo x > y");
        writes.mounts = List.of(volume("outlives", "/v", false));
        bench().output(writes);
        bench().reopen();
        Options reads = bench().options("cat /w/file; cat /w/deep/y; echo no > /w/file || echo refused");
        reads.mounts = List.of(volume("outlives", "/w", true));
        assertThat(bench().output(reads)).isEqualTo("kept\nx\nrefused\n");
    }

    @Test
    default void anEmptyVolumeIsFilledWithWhatTheImageHasThere() throws Exception {
        bench().createVolume(NewVolume.named("filled", Map.of()));
        Options whole = bench().options("cd /bin; echo *; echo more > /bin/more");
        String expected = bench().output(whole);
        assertThat(expected).contains("sh ").contains("busybox");
        // It runs from the copy.
        whole.mounts = List.of(volume("filled", "/bin", false));
        assertThat(bench().output(whole)).isEqualTo(expected);
        // What is in it stays: it is filled once.
        Options again = bench().options("cat /bin/more; rm /bin/more 2>/dev/null; true");
        again.mounts = List.of(volume("filled", "/bin", true));
        assertThat(bench().output(again)).isEqualTo("more\n");
    }

    @Test
    default void aVolumeStaysEmptyWhereNothingIsToBeCopied() throws Exception {
        bench().createVolume(NewVolume.named("empty", Map.of()));
        Options options = bench().options("cd /tmp; ls -d /etc/passwd /etc/group 2>/dev/null; cd /missing && echo *");
        options.mounts = List.of(volume("empty", "/etc", false, "nocopy"), volume("empty", "/missing", false));
        assertThat(bench().output(options)).doesNotContain("passwd");
    }

    @Test
    default void aVolumesSizeIsWhatItsRemovalFrees() throws Exception {
        bench().createVolume(NewVolume.named("sized", Map.of()));
        long empty = sizeOf("sized");
        Options options = bench().options("head -c 3000000 /dev/zero > /v/a; head -c 1 /dev/zero > /v/b");
        options.mounts = List.of(volume("sized", "/v", false));
        bench().output(options);
        assertThat(sizeOf("sized") - empty).isBetween(3_000_001L, 3_100_000L);
    }

    private long sizeOf(String volume) {
        return bench().runtime().volumes().sizes(List.of(volume)).getOrDefault(volume, 0L);
    }

    @Test
    default void whatIsMountedOnTheHostLaterIsSeenWhereABindIsASlave(@TempDir Path host) throws Exception {
        Files.createDirectories(host.resolve("later"));
        Host.run("mount", "-t", "tmpfs", "none", host.toString());
        try {
            Host.run("mount", "--make-shared", host.toString());
            Files.createDirectories(host.resolve("later"));
            Options options = bench().options("echo ready; while [ ! -e /bind/later/file ]; do sleep 0.1; done");
            options.mounts = List.of(new Mount(Mount.Type.BIND, host.toString(), "/bind", false, 0, List.of("rslave")));
            RuntimeContainer container = bench().create(options.spec());
            RuntimeProcess process = container.prepare();
            Reading out = Reading.of(process.stdout());
            process.start();
            out.await("ready\n");
            Host.run("mount", "-t", "tmpfs", "none", host.resolve("later").toString());
            Files.writeString(host.resolve("later/file"), "");
            assertThat(Bench.exitOf(process).exitCode()).isZero();
            process.delete();
            container.remove();
        } finally {
            Host.run("umount", "-R", host.toString());
        }
    }
}
