package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tailrace.api.v1.GetImageRequest;
import io.tailrace.api.v1.Image;
import io.tailrace.api.v1.ImageProgress;
import io.tailrace.api.v1.ImagesGrpc;
import io.tailrace.api.v1.ImportImageRequest;
import io.tailrace.api.v1.ImportOpen;
import io.tailrace.api.v1.ListImagesRequest;
import io.tailrace.api.v1.PullImageRequest;
import io.tailrace.api.v1.RemoveImageRequest;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ImagesTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ImagesGrpc.ImagesBlockingStub images() {
        return ImagesGrpc.newBlockingStub(server.channel);
    }

    @Test
    void imagesArePulledFoundAndRemoved() {
        var answers = Answers.<PullImageRequest, ImageProgress>flowing();
        ImagesGrpc.newStub(server.channel)
                .pull(PullImageRequest.newBuilder().setReference("pulled:1").build(), answers);
        List<ImageProgress> progress = answers.all();
        Image image = progress.getLast().getImages(0);
        assertThat(image.getReferencesList()).containsExactly("docker.io/library/pulled:1");
        assertThat(progress.getLast().getStatus()).isEqualTo("done");
        assertThat(images().get(GetImageRequest.newBuilder()
                        .setReference(image.getId())
                        .build()))
                .isEqualTo(image);
        assertThat(images().list(ListImagesRequest.getDefaultInstance()).getImagesList())
                .contains(image);
        images().remove(RemoveImageRequest.newBuilder().setReference("pulled:1").build());
        assertThat(images().list(ListImagesRequest.getDefaultInstance()).getImagesList())
                .doesNotContain(image);
    }

    @Test
    void anImageIsNamedInAUrlWithItsSlashesAndColons() throws Exception {
        assertThat(server.get("/v1/images/docker.io/library/busybox:latest").body())
                .contains("\"docker.io/library/busybox:latest\"");
        assertThat(server.get("/v1/images/busybox").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/images/localhost:5000/nobody/nothing:1").statusCode())
                .isEqualTo(404);
    }

    @Test
    void aPullOfWhatDoesNotExistFails() {
        var answers = Answers.<PullImageRequest, ImageProgress>flowing();
        ImagesGrpc.newStub(server.channel)
                .pull(PullImageRequest.newBuilder().setReference("missing").build(), answers);
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    }

    @Test
    void anImportMustOpenFirstAndOnce() {
        var answers = Answers.<ImportImageRequest, ImageProgress>flowing();
        ImagesGrpc.newStub(server.channel).import_(answers).onNext(ImportImageRequest.getDefaultInstance());
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        answers = Answers.flowing();
        var requests = ImagesGrpc.newStub(server.channel).import_(answers);
        ImportImageRequest open = ImportImageRequest.newBuilder()
                .setOpen(ImportOpen.newBuilder().setReference("twice"))
                .build();
        requests.onNext(open);
        requests.onNext(open);
        assertThat(answers.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void anImportThatIsAbandonedMakesNoImage() {
        int before = server.server.streams();
        var answers = Answers.<ImportImageRequest, ImageProgress>flowing();
        ImagesGrpc.newStub(server.channel)
                .import_(answers)
                .onNext(ImportImageRequest.newBuilder()
                        .setOpen(ImportOpen.newBuilder().setReference("abandoned"))
                        .build());
        org.awaitility.Awaitility.await().until(() -> server.server.streams() > before);
        answers.cancel();
        org.awaitility.Awaitility.await().until(() -> server.server.streams() <= before);
        assertThat(images().list(ListImagesRequest.getDefaultInstance()).getImagesList())
                .noneMatch(image -> image.getReferences(0).contains("abandoned"));
    }
}
