package io.tailrace.acceptance;

import static io.tailrace.acceptance.OptionRow.row;

import io.tailrace.api.v1.Device;
import io.tailrace.api.v1.Mount;
import java.util.List;

/** Rows of the table of options: mounts, volumes and devices. */
final class MountOptions {
    /** All of them, in the order of the table. An option that is added has its row here. */
    static List<OptionRow> all(OptionPlace place) {
        return List.of(
                mount("bind", bind("/proc/sys/kernel/ostype"), "cat /x", "Linux"),
                mount(
                        "bind, read-only",
                        bind("/usr").setReadOnly(true),
                        "touch /x/file 2>/dev/null || echo refused",
                        "refused"),
                mount(
                        "bind, its propagation",
                        bind("/usr").addOptions("rprivate"),
                        "grep ' /x ' /proc/self/mountinfo | grep -cE 'master:|shared:'",
                        "0"),
                row(
                        "volume",
                        spec -> spec.addMounts(volume("/x").setSource(OptionPlace.VOLUME)),
                        "touch /x/file && grep -c ' /x ' /proc/self/mountinfo",
                        (server, id) -> server.api().get(id).getMounts(0).getSource() + " "
                                + OptionRow.line(server.api().follow(id, "").stdoutText()),
                        OptionPlace.VOLUME + " 1"),
                row(
                        "volume without a name",
                        spec -> spec.addMounts(volume("/x")),
                        "touch /x/file && grep -c ' /x ' /proc/self/mountinfo",
                        (server, id) ->
                                (server.api().get(id).getMounts(0).getSource().isEmpty() ? "no name " : "")
                                        + OptionRow.line(
                                                server.api().follow(id, "").stdoutText()),
                        "1"),
                mount("volume, filled from the image", volume("/bin"), "grep -c ' /bin ' /proc/self/mountinfo", "1"),
                mount(
                        "tmpfs with options",
                        Mount.newBuilder()
                                .setType(Mount.Type.TYPE_TMPFS)
                                .setTarget("/x")
                                .addOptions("mode=700"),
                        "stat -c %a /x",
                        "700"),
                mount(
                        "tmpfs with a size",
                        Mount.newBuilder()
                                .setType(Mount.Type.TYPE_TMPFS)
                                .setTarget("/x")
                                .setSizeBytes(1 << 20),
                        "df -k /x | tail -n 1 | awk '{print $2}'",
                        "1024"),
                row(
                        "read-only root",
                        spec -> spec.setReadOnlyRoot(true),
                        "touch /file 2>/dev/null || echo refused",
                        "refused"),
                row(
                        "devices",
                        spec -> spec.addDevices(Device.newBuilder()
                                .setSource("/dev/loop-control")
                                .setTarget("/dev/mine")
                                .setAccess("r")),
                        "(: < /dev/mine) && echo readable",
                        "readable"),
                row(
                        "devices of a directory",
                        spec -> spec.addDevices(
                                Device.newBuilder().setSource(place.devices()).setTarget("/dev/mine")),
                        "head -c 3 /dev/mine/zero | wc -c",
                        "3"));
    }

    private static OptionRow mount(String option, Mount.Builder mount, String script, String expected) {
        return row(option, spec -> spec.addMounts(mount), script, expected);
    }

    private static Mount.Builder bind(String source) {
        return Mount.newBuilder()
                .setType(Mount.Type.TYPE_BIND)
                .setSource(source)
                .setTarget("/x");
    }

    private static Mount.Builder volume(String target) {
        return Mount.newBuilder().setType(Mount.Type.TYPE_VOLUME).setTarget(target);
    }

    private MountOptions() {}
}
