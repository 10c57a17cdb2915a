package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Which volumes a container has: those that were asked for, and where none was named, some of its own. */
final class VolumeMounts {
    private VolumeMounts() {}

    /**
     * What is mounted into a container, each volume by a name.
     *
     * @param wanted as the request has them
     * @param imagePaths where the image wants volumes; where the request mounts something there is none
     */
    static List<Mount> of(List<Mount> wanted, List<String> imagePaths) {
        List<Mount> mounts = new ArrayList<>();
        for (Mount mount : wanted) {
            mounts.add(mount.type() == Mount.Type.VOLUME && mount.source().isEmpty() ? named(mount) : mount);
        }
        Set<String> taken =
                wanted.stream().map(mount -> normalised(mount.target())).collect(Collectors.toSet());
        Checks.count("volumes of the image", imagePaths.size());
        for (String path : imagePaths) {
            Checks.check(
                    Checks.isAbsolute(path) && !normalised(path).equals("/"),
                    "volume of the image",
                    path,
                    "an absolute path below /");
            if (taken.add(normalised(path))) {
                insert(new Mount(Mount.Type.VOLUME, Names.id(), normalised(path), false, 0, List.of()), mounts);
            }
        }
        return mounts;
    }

    private static Mount named(Mount mount) {
        return new Mount(
                mount.type(), Names.id(), mount.target(), mount.isReadOnly(), mount.sizeBytes(), mount.options());
    }

    /** Before what is mounted into it, which it would hide. */
    private static void insert(Mount volume, List<Mount> mounts) {
        int index = 0;
        while (index < mounts.size() && !normalised(mounts.get(index).target()).startsWith(volume.target() + "/")) {
            index++;
        }
        mounts.add(index, volume);
    }

    /** A path without what names nothing. It is not looked at: what is a link in the image is only known there. */
    private static String normalised(String path) {
        List<String> names = new ArrayList<>();
        for (String name : path.split("/")) {
            if (name.equals("..")) {
                if (!names.isEmpty()) {
                    names.removeLast();
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return "/" + String.join("/", names);
    }

    /** The names of the volumes among some mounts. */
    static Set<String> names(List<Mount> mounts) {
        Set<String> names = new LinkedHashSet<>();
        for (Mount mount : mounts) {
            if (mount.type() == Mount.Type.VOLUME && !mount.source().isEmpty()) {
                names.add(mount.source());
            }
        }
        return names;
    }

    /** The names of those that were made for a container because nobody named them. */
    static Set<String> anonymous(NewContainer request, ContainerSpec spec) {
        Set<String> names = names(spec.mounts());
        names.removeAll(names(request.mounts()));
        return names;
    }
}
