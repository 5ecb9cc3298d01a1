"""Pictures: what is read of them, what is refused, and what goes out in their place."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from scheduler.domain import campaign
from scheduler.domain.capabilities import ImageLimits, Source
from scheduler.domain.content import Media
from scheduler.domain.problem import Place
from scheduler.errors import Rejected, Unavailable, UnfitPicture
from scheduler.media import MAX_BYTES, MAX_PIXELS, fit_image, inspect_image

LIMITS = ImageLimits(
    4, 1_000_000, ("image/jpeg", "image/png", "image/webp"), 1000, Source("a test", date(2026, 11, 24))
)
SECRET_PLACE = b"53.4808 N"


def inspect(path: Path) -> Media:
    return inspect_image(campaign.Image(str(path), "Hands", Place("a.yaml")))


def paint(size: tuple[int, int] = (120, 80), mode: str = "RGB") -> Image.Image:
    """A red left half and a blue right half, so that turning and cropping show."""
    picture = Image.new("RGB", size, (255, 0, 0))
    ImageDraw.Draw(picture).rectangle((size[0] // 2, 0, *size), fill=(0, 0, 255))
    return picture.convert(mode)


def save(folder: Path, name: str, picture: Image.Image | None = None, **options: Any) -> Path:
    path = folder / name
    (picture or paint()).save(path, **options)
    return path


def make_noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.frombytes(mode, size, os.urandom(size[0] * size[1] * len(mode)))


def make_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    exif[0x010F] = SECRET_PLACE.decode()  # the camera's maker
    exif.get_ifd(0x8825)[2] = (53.0, 28.0, 51.0)  # GPS latitude
    return exif


def is_red(colour: Any) -> bool:
    return bool(colour[0] > 200 and colour[2] < 60)


def is_blue(colour: Any) -> bool:
    return bool(colour[2] > 200 and colour[0] < 60)


class TestAsItIs:
    def test_a_plain_picture_goes_out_byte_for_byte(self, tmp_path: Path) -> None:
        for name in ("a.jpg", "a.png", "a.webp"):
            path = save(tmp_path, name)
            media = inspect(path)
            assert (media.width, media.height, media.size) == (120, 80, path.stat().st_size)
            file = fit_image(media, LIMITS)
            assert (file.content, file.content_type) == (path.read_bytes(), media.content_type), name

    def test_a_profile_of_colours_stays_in_a_picture_that_is_not_made_anew(self, tmp_path: Path) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        path = save(tmp_path, "a.jpg", icc_profile=profile)
        assert fit_image(inspect(path), LIMITS).content == path.read_bytes()


class TestOrientation:
    @pytest.mark.parametrize(
        ("orientation", "size", "red_corner"),
        [
            (1, (120, 80), (5, 40)),
            (2, (120, 80), (115, 40)),
            (3, (120, 80), (115, 40)),
            (4, (120, 80), (5, 40)),
            (5, (80, 120), (40, 5)),
            (6, (80, 120), (40, 5)),
            (7, (80, 120), (40, 115)),
            (8, (80, 120), (40, 115)),
        ],
    )
    def test_it_is_turned_as_a_viewer_would(
        self, tmp_path: Path, orientation: int, size: tuple[int, int], red_corner: tuple[int, int]
    ) -> None:
        media = inspect(save(tmp_path, "a.jpg", quality=95, exif=make_exif(orientation)))
        assert (media.width, media.height) == size
        file = fit_image(media, LIMITS)
        sent = Image.open(io.BytesIO(file.content))
        assert sent.size == size == (file.width, file.height)
        assert is_red(sent.getpixel(red_corner))
        assert not sent.getexif()


class TestWhatItTells:
    @pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
    @pytest.mark.parametrize("kind", ["exif", "xmp", "comment"])
    def test_exif_gps_xmp_and_comments_are_left_out(self, tmp_path: Path, name: str, kind: str) -> None:
        texts = PngImagePlugin.PngInfo()
        if kind == "exif":
            options: dict[str, Any] = {"exif": make_exif()}
        elif kind == "xmp" and not name.endswith("png"):
            options = {"xmp": b"<x:xmpmeta>" + SECRET_PLACE + b"</x:xmpmeta>"}
        elif kind == "comment" and name.endswith("jpg"):
            options = {"comment": SECRET_PLACE}
        elif name.endswith("png"):
            texts.add_itxt("XML:com.adobe.xmp" if kind == "xmp" else "Author", SECRET_PLACE.decode())
            options = {"pnginfo": texts}
        else:
            return  # a WebP has no comments
        path = save(tmp_path, name, **options)
        assert SECRET_PLACE in path.read_bytes()
        file = fit_image(inspect(path), LIMITS)
        assert SECRET_PLACE not in file.content
        sent = Image.open(io.BytesIO(file.content))
        sent.load()
        assert not sent.getexif()
        assert not {"exif", "xmp", "comment", "Author", "XML:com.adobe.xmp"} & set(sent.info)

    @pytest.mark.parametrize("name", ["a.jpg", "a.png"])
    def test_what_stands_behind_the_picture_is_left_out(self, tmp_path: Path, name: str) -> None:
        """A phone's short film, or the part that somebody cut off."""
        path = save(tmp_path, name)
        path.write_bytes(path.read_bytes() + SECRET_PLACE)
        assert SECRET_PLACE not in fit_image(inspect(path), LIMITS).content

    def test_texts_behind_the_pixels_of_a_png_are_found(self, tmp_path: Path) -> None:
        path = save(tmp_path, "a.png")
        content = path.read_bytes()
        late = io.BytesIO()
        PngImagePlugin.putchunk(late, b"tEXt", b"Author\0" + SECRET_PLACE)
        path.write_bytes(content[:-12] + late.getvalue() + content[-12:])
        assert SECRET_PLACE not in fit_image(inspect(path), LIMITS).content

    def test_a_second_picture_in_the_file_is_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        paint().save(path, "MPO", save_all=True, append_images=[make_noise((120, 80))])
        media = inspect(path)
        assert media.content_type == "image/jpeg"
        file = fit_image(media, LIMITS)
        assert len(file.content) < path.stat().st_size / 2
        assert Image.open(io.BytesIO(file.content)).format == "JPEG"

    def test_other_colours_are_turned_into_those_of_the_web(self, tmp_path: Path) -> None:
        """Without its profile such a picture would look wrong. Here: a profile whose red is blue."""
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        swapped = profile.replace(b"rXYZ", b"?XYZ").replace(b"bXYZ", b"rXYZ").replace(b"?XYZ", b"bXYZ")
        for name in ("a.png", "a.jpg"):
            path = save(tmp_path, name, icc_profile=swapped, exif=make_exif(), quality=95)
            sent = Image.open(io.BytesIO(fit_image(inspect(path), LIMITS).content))
            assert "icc_profile" not in sent.info
            assert is_blue(sent.convert("RGB").getpixel((5, 40))), name

    def test_a_damaged_profile_is_left_out(self, tmp_path: Path) -> None:
        path = save(tmp_path, "a.png", icc_profile=b"no profile", exif=make_exif())
        sent = Image.open(io.BytesIO(fit_image(inspect(path), LIMITS).content))
        assert "icc_profile" not in sent.info
        assert is_red(sent.getpixel((5, 40)))


class TestModes:
    @pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA"])
    def test_a_png_of_any_mode_shows_the_same(self, tmp_path: Path, mode: str) -> None:
        path = save(tmp_path, "a.png", paint(mode=mode), exif=make_exif())
        file = fit_image(inspect(path), LIMITS)
        assert file.content_type == "image/png"
        sent = Image.open(io.BytesIO(file.content)).convert("RGBA")
        for place in ((5, 40), (115, 40)):
            before, after = Image.open(path).convert("RGBA").getpixel(place), sent.getpixel(place)
            assert isinstance(before, tuple)
            assert before == after, mode

    def test_transparency_stays_in_a_png_and_turns_white_in_a_jpeg(self, tmp_path: Path) -> None:
        clear = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
        media = inspect(save(tmp_path, "a.png", clear, exif=make_exif()))
        kept = Image.open(io.BytesIO(fit_image(media, LIMITS).content))
        assert kept.convert("RGBA").getpixel((3, 3)) == (0, 0, 0, 0)
        flat = Image.open(io.BytesIO(fit_image(media, LIMITS._replace(types=("image/jpeg",))).content))
        assert flat.getpixel((3, 3)) == (255, 255, 255)

    def test_a_palette_with_a_clear_colour_keeps_it(self, tmp_path: Path) -> None:
        picture = Image.new("P", (60, 40), 0)
        picture.putpalette([9, 9, 9, 200, 0, 0])
        media = inspect(save(tmp_path, "a.png", picture, transparency=0, exif=make_exif()))
        sent = Image.open(io.BytesIO(fit_image(media, LIMITS).content)).convert("RGBA")
        assert sent.getpixel((3, 3))[3] == 0  # type: ignore[index]  # four colours

    def test_the_inks_of_a_printer_become_the_colours_of_a_screen(self, tmp_path: Path) -> None:
        media = inspect(save(tmp_path, "a.jpg", paint(mode="CMYK"), quality=95, exif=make_exif()))
        sent = Image.open(io.BytesIO(fit_image(media, LIMITS).content))
        assert sent.mode == "RGB"
        assert is_red(sent.getpixel((5, 40)))
        assert is_blue(sent.getpixel((115, 40)))

    def test_sixteen_bits_are_scaled_to_eight_and_not_cut_off(self, tmp_path: Path) -> None:
        deep = Image.new("I;16", (40, 30), 128 * 257)
        for name in ("a.png", "a.tif"):
            media = inspect(save(tmp_path, name, deep))
            sent = Image.open(io.BytesIO(fit_image(media, LIMITS._replace(types=("image/jpeg",))).content)).convert("L")
            level = sent.getpixel((3, 3))
            assert isinstance(level, int)
            assert abs(level - 128) <= 2, (name, level)

    @pytest.mark.parametrize("name", ["a.bmp", "a.tif", "a.gif"])
    def test_another_kind_is_sent_as_a_jpeg(self, tmp_path: Path, name: str) -> None:
        file = fit_image(inspect(save(tmp_path, name)), LIMITS)
        assert file.content_type == "image/jpeg"
        assert is_red(Image.open(io.BytesIO(file.content)).convert("RGB").getpixel((5, 40)))


class TestAnimated:
    def make(self, folder: Path, name: str) -> Path:
        return save(folder, name, paint(), save_all=True, append_images=[make_noise((120, 80))], duration=100)

    @pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
    def test_it_goes_out_as_it_is_where_the_channel_takes_it(self, tmp_path: Path, name: str) -> None:
        path = self.make(tmp_path, name)
        file = fit_image(inspect(path), LIMITS._replace(types=(*LIMITS.types, "image/gif")))
        assert file.content == path.read_bytes()

    @pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
    def test_else_it_is_refused_and_never_cut_to_its_first_frame(self, tmp_path: Path, name: str) -> None:
        media = inspect(self.make(tmp_path, name))
        for limits in (LIMITS._replace(types=("image/jpeg",)), LIMITS._replace(max_bytes=500)):
            with pytest.raises(Rejected, match="is animated and cannot go to this channel as it is"):
                fit_image(media, limits)


class TestSize:
    def test_a_side_too_long_is_scaled_and_nothing_cropped(self, tmp_path: Path) -> None:
        path = save(tmp_path, "a.jpg", paint((900, 300)))
        before = path.read_bytes()
        file = fit_image(inspect(path), LIMITS._replace(max_side=450))
        sent = Image.open(io.BytesIO(file.content))
        assert sent.size == (450, 150) == (file.width, file.height)
        assert is_red(sent.getpixel((3, 75)))
        assert is_blue(sent.getpixel((446, 75)))
        assert path.read_bytes() == before

    def test_a_turned_picture_is_scaled_by_its_longest_side(self, tmp_path: Path) -> None:
        media = inspect(save(tmp_path, "a.jpg", paint((900, 300)), exif=make_exif(6)))
        file = fit_image(media, LIMITS._replace(max_side=450))
        assert (file.width, file.height) == (150, 450)

    @settings(max_examples=15, deadline=None)
    @given(st.integers(1, 700), st.integers(1, 700), st.sampled_from(["PNG", "JPEG"]), st.integers(8_000, 60_000))
    def test_it_ends_within_the_bytes_with_its_shape_kept(
        self, tmp_path_factory: pytest.TempPathFactory, width: int, height: int, kind: str, room: int
    ) -> None:
        path = tmp_path_factory.mktemp("noise") / "a"
        make_noise((width, height)).save(path, kind)
        limits = LIMITS._replace(max_bytes=room, max_side=600)
        try:
            file = fit_image(inspect(path), limits)
        except Rejected as refusal:
            assert "cannot be made smaller" in str(refusal)
            return
        assert len(file.content) <= room
        assert Image.open(io.BytesIO(file.content)).size == (file.width, file.height)
        assert max(file.width, file.height) <= 600
        scale = max(file.width, file.height) / max(width, height)
        assert abs(file.width - width * scale) <= 1
        assert abs(file.height - height * scale) <= 1

    def test_a_png_too_large_becomes_a_jpeg(self, tmp_path: Path) -> None:
        file = fit_image(inspect(save(tmp_path, "a.png", make_noise((300, 300)))), LIMITS._replace(max_bytes=100_000))
        assert file.content_type == "image/jpeg"
        assert len(file.content) <= 100_000

    def test_what_cannot_be_made_small_enough_is_rejected(self, tmp_path: Path) -> None:
        with pytest.raises(Rejected, match="cannot be made smaller than 50 bytes"):
            fit_image(inspect(save(tmp_path, "a.jpg")), LIMITS._replace(max_bytes=50))


class TestUnfit:
    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UnfitPicture, match=r"hands\.jpg is not there"):
            inspect(tmp_path / "hands.jpg")

    @pytest.mark.parametrize(
        ("written", "hint"),
        [
            ("hands.jpg", r"Did you mean 'Hands\.JPG'\?"),
            ("HNADS.JPG", r"Did you mean 'Hands\.JPG'\?"),
            ("Hands", r"Did you mean 'Hands\.JPG'\?"),
            ("wallpaper.jpeg", r"Check its name\."),  # a folder is no picture
            ("nowhere/hands.jpg", r"Check its name\."),
            ("elephant.png", r"Check its name\."),
        ],
    )
    def test_a_name_nearly_right_is_answered_with_the_right_one(self, tmp_path: Path, written: str, hint: str) -> None:
        (tmp_path / "wallpapers.jpeg").mkdir()
        save(tmp_path, "Hands.JPG")
        if (tmp_path / written).exists():
            pytest.skip("a file system for which the case of letters makes no difference")
        with pytest.raises(UnfitPicture, match=f"is not there.* {hint}$"):
            inspect(tmp_path / written)

    def test_a_folder_and_a_pipe_are_no_files(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path, tmp_path / "pipe"):
            with pytest.raises(UnfitPicture, match="is not a file"):
                inspect(path)

    @pytest.mark.parametrize(
        "content",
        [b"", b"not a picture", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"<svg/>", b"\xff\xd8\xff\xe0"],
    )
    def test_not_a_picture(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a.jpg"
        path.write_bytes(content)
        with pytest.raises(UnfitPicture, match="is not a picture that can be read"):
            inspect(path)

    @pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.gif"])
    def test_a_file_cut_short_is_found_when_it_is_checked(self, tmp_path: Path, name: str) -> None:
        path = save(tmp_path, name, make_noise((200, 200)))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(UnfitPicture, match=r"is damaged|is not a picture"):
            inspect(path)

    def test_a_file_too_large_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jpg"
        with path.open("wb") as file:
            file.truncate(MAX_BYTES + 1)
        with pytest.raises(UnfitPicture, match="too large"):
            inspect(path)

    @pytest.mark.parametrize("side", [10_001, 14_000])
    def test_a_bomb_of_pixels_is_not_unpacked(self, tmp_path: Path, side: int) -> None:
        path = tmp_path / "bomb.png"
        Image.new("1", (side, side)).save(path)
        assert path.stat().st_size < 1_000_000
        assert side * side > MAX_PIXELS
        with pytest.raises(UnfitPicture, match="too large"):
            inspect(path)


class TestChanged:
    def test_another_picture_under_the_name_is_rejected(self, tmp_path: Path) -> None:
        path = save(tmp_path, "a.jpg")
        media = inspect(path)
        save(tmp_path, "a.jpg", make_noise((120, 80)))
        with pytest.raises(Rejected, match="was changed after this post was made ready"):
            fit_image(media, LIMITS)

    def test_a_picture_out_of_reach_may_come_back(self, tmp_path: Path) -> None:
        media = inspect(save(tmp_path, "a.jpg"))
        Path(media.path).unlink()
        with pytest.raises(Unavailable, match="cannot be read"):
            fit_image(media, LIMITS)

    def test_its_facts_are_read_anew_when_the_file_changes(self, tmp_path: Path) -> None:
        path = save(tmp_path, "a.jpg")
        first = inspect(path)
        save(tmp_path, "a.jpg", paint((60, 90)))
        second = inspect(path)
        assert (second.width, second.height) == (60, 90)
        assert second.digest != first.digest
