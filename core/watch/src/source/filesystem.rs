//! Which file systems keep changes to themselves.

use std::path::Path;

/// The kind of file system below the path, if changes made by other machines (or by Windows beside WSL) send no event.
#[cfg(target_os = "linux")]
pub(super) fn silent(path: &Path) -> Option<String> {
    let magic = rustix::fs::statfs(path).ok()?.f_type;
    // The type of the field differs between architectures; magic numbers have 32 bits.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::unnecessary_cast)]
    let name = silent_name(magic as u32)?;
    if name != "FUSE" {
        return Some(name.to_owned());
    }
    // FUSE serves network folders (sshfs) and local disks (ntfs-3g, exfat: "fuseblk") alike.
    let device = super::stat::Stat::read(path).ok()?.device;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let kind = mounted_kind(&mounts, device).unwrap_or("FUSE");
    (kind != "fuseblk").then(|| kind.to_owned())
}

/// Other systems' watchers are asked first; if they can't, the root is polled anyway.
#[cfg(not(target_os = "linux"))]
pub(super) fn silent(_: &Path) -> Option<String> {
    None
}

/// Names of `statfs` magic numbers, from the kernel's `magic.h` and the sources of the file systems.
#[cfg(target_os = "linux")]
fn silent_name(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x0102_1997 => "9P",
        0x5346_4846 => "WSL",
        0x6573_5546 => "FUSE",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x00c3_6400 => "Ceph",
        0x7375_7245 => "Coda",
        0x0bd0_0bd0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x786f_4256 => "VirtualBox shared folder",
        0x564c => "NCP",
        _ => return None,
    })
}

/// The file system's kind in a line of `mountinfo`: `36 35 98:0 / /mnt rw - fuse.sshfs host:/ rw`.
#[cfg(target_os = "linux")]
fn mounted_kind(mountinfo: &str, device: u64) -> Option<&str> {
    let wanted = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    mountinfo.lines().find_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        (mount.split(' ').nth(2)? == wanted).then(|| kind.split(' ').next())?
    })
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_from_local_ones() {
        for (magic, name) in [(0x6969, "NFS"), (0xfe53_4d42, "SMB"), (0x0102_1997, "9P"), (0x6573_5546, "FUSE")] {
            assert_eq!(silent_name(magic), Some(name));
        }
        // ext, tmpfs, btrfs, xfs, overlay
        for magic in [0xef53, 0x0102_1994, 0x9123_683e, 0x5846_5342, 0x794c_7630] {
            assert_eq!(silent_name(magic), None);
        }
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(silent(dir.path()), None, "temporary folders of this machine are local");
    }

    #[test]
    fn mountinfo_tells_what_fuse_serves() {
        let text = "22 1 0:21 / /proc rw - proc proc rw\n36 35 0:45 / /mnt/a b rw shared:1 - fuse.sshfs h:/x rw\n\
                    37 35 8:17 / /media/card rw - fuseblk /dev/sdb1 rw\n";
        assert_eq!(mounted_kind(text, rustix::fs::makedev(0, 45)), Some("fuse.sshfs"));
        assert_eq!(mounted_kind(text, rustix::fs::makedev(8, 17)), Some("fuseblk"));
        assert_eq!(mounted_kind(text, rustix::fs::makedev(9, 9)), None);
    }
}
